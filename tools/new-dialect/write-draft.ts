import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { draftOf } from './draft.ts'
import type { Exchange } from './exchange.ts'
import { readHar } from './har.ts'
import { readOpenApi } from './openapi.ts'
import { mark } from './source.ts'
import { adapterSource } from './write-adapter.ts'
import { errorsSource } from './write-errors.ts'
import { indexSource } from './write-index.ts'
import { readmeSource } from './write-readme.ts'
import { routesSource } from './write-routes.ts'

const root = join(import.meta.dirname, '..', '..')

/** What a file was read for: the sources of a door by the names of their files, and how much was passed over. */
export interface Written {
  files: Record<string, string>
  passedOver: number
}

/** Makes a door of a recording (HAR 1.2) or a document (OpenAPI 3). Throws, in a sentence, for a file that is neither. */
export function doorFrom(name: string, file: string): Written {
  const { exchanges, passedOver } = exchangesOf(readFileSync(file, 'utf8'))
  const draft = draftOf(name, exchanges)
  const files = {
    'README.md': readmeSource(draft),
    'index.ts': indexSource(draft),
    'routes.ts': routesSource(draft),
    'errors.ts': errorsSource(draft),
    'adapter.ts': adapterSource(draft),
  }
  return { files, passedOver }
}

function exchangesOf(text: string): { exchanges: Exchange[]; passedOver: number } {
  const read = readYaml(text)
  if (typeof read === 'object' && read !== null && 'log' in read) return readHar(read)
  return { exchanges: readOpenApi(read), passedOver: 0 }
}

/** JSON is YAML, but large recordings are read faster as what they are. */
function readYaml(text: string): unknown {
  try {
    return text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text)
  } catch {
    // What is wrong would be told with the place, which may hold somebody's data.
    throw new Error('The file is neither JSON nor YAML.')
  }
}

/** Writes the sources as everything here is formatted. */
export function writeDoor(folder: string, { files }: Written): void {
  for (const [file, source] of Object.entries(files)) writeFileSync(join(folder, file), source)
  const biome = join(root, 'node_modules', '.bin', 'biome')
  const settings = ['--vcs-enabled=false', `--config-path=${root}`]
  spawnSync(biome, ['check', '--write', ...settings, folder], { cwd: root, stdio: 'ignore' })
}

/** Every place where a person must decide, as `file:line what`. */
export function openPlaces(folder: string): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  return files.flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const [, text] = line.split(`// ${mark}: `)
        return text === undefined ? [] : [`${file}:${index + 1} ${text}`]
      }),
  )
}
