import { createRequire, registerHooks } from 'node:module'
import { dirname, resolve } from 'node:path'
import type { Dialect } from '../../http/dialect.ts'
import { definedDialects, kitVersion } from '../dialect-manifest.ts'
import type { Finding } from './findings.ts'
import { sectionOf } from './tree.ts'

const load = createRequire(import.meta.url)
let isKitKnown = false

/** Runs the modules that a settings file names, and gives the dialects that they export. Paths are seen from the file. */
export function loadDialects(given: unknown, file: string): { dialects: Dialect[]; findings: Finding[] } {
  const dialects: Dialect[] = []
  const findings: Finding[] = []
  for (const [name, section] of Object.entries(sectionOf(sectionOf(given).dialects))) {
    const { module } = sectionOf(section)
    // What is no path the schema refuses.
    if (typeof module !== 'string' || module === '') continue
    const loaded = loadDialect(name, resolve(dirname(file), module))
    if (typeof loaded === 'string') findings.push({ path: ['dialects', name, 'module'], problem: loaded })
    else dialects.push(loaded)
  }
  return { dialects, findings }
}

/** The dialect of that name which a module exports by default, or what is wrong with the module. */
function loadDialect(name: string, path: string): Dialect | string {
  resolveKit()
  let dialect: Partial<Dialect & { kit: unknown }>
  try {
    dialect = sectionOf(load(path).default)
  } catch (error) {
    return `cannot be loaded from ${path}: ${reasonOf(error)}`
  }
  const { kit, door } = dialect
  if (!definedDialects.has(dialect)) return `has no default export that \`defineDialect\` has made: ${path}`
  if (kit !== kitVersion)
    return `is made for version ${kit} of the interface, and this server has version ${kitVersion}: ${path}`
  if (door?.dialect !== name) return `is of the dialect ${door?.dialect}, and not of ${name}: ${path}`
  return dialect as Dialect
}

/** Has `manydoors/dialect` be this server's own, wherever a module lies that imports it. */
function resolveKit(): void {
  if (isKitKnown) return
  isKitKnown = true
  registerHooks({
    resolve: (name, context, next) =>
      next(name, name === 'manydoors/dialect' ? { ...context, parentURL: import.meta.url } : context),
  })
}

/** In one line, with the place in the code where it is known. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [message] = error.message.split('\n')
  const [, place] = /^(?:file:\/\/)?(\/.*:\d+)$/m.exec(error.stack ?? '') ?? []
  return place === undefined ? `${message}` : `${message} (${place})`
}
