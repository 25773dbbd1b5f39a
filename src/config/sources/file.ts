import { existsSync } from 'node:fs'
import { manifests } from '../../dialects/manifests.ts'
import type { Dialect } from '../../http/dialect.ts'
import type { DialectManifest } from '../dialect-manifest.ts'
import { fileSchemaWith, type Settings } from '../schema.ts'
import { loadDialects } from './dialect-modules.ts'
import type { Environment } from './environment.ts'
import { type Finding, findingsOf, pathText, wordsFor } from './findings.ts'
import { readSecretFiles } from './secret-files.ts'
import { readTextFile } from './text-file.ts'
import { fillIn, parseYaml, type YamlFile } from './yaml.ts'

/** What the file sets, and everything that is wrong with it. */
export interface FileReading {
  /** Nothing when anything is wrong. */
  settings: Settings
  /** The settings before the schema reads them; `undefined` when the file is not even YAML. */
  given: unknown
  /** As it is written. */
  text: string
  /** Those that it names by their modules. */
  dialects: Dialect[]
  /** The files that it names in place of secrets. */
  secretFiles: string[]
  problems: string[]
}

const defaultFile = 'manydoors.yaml'

/** The file of settings: `wanted`, else `manydoors.yaml` if that is there. */
export function findFile(wanted: string | undefined): string | undefined {
  return wanted ?? (existsSync(defaultFile) ? defaultFile : undefined)
}

/** Reads a file of settings, if there is one. `check` finds what is wrong with them beyond single values. */
export function readFile(
  path: string | undefined,
  environment: Environment,
  check: (given: unknown, dialects: DialectManifest[]) => Finding[],
): FileReading {
  if (path === undefined)
    return { settings: {}, given: {}, text: '', dialects: [], secretFiles: [], problems: [] }
  const unreadable = { settings: {}, given: undefined, text: '', dialects: [], secretFiles: [] }
  const { text, problem } = readTextFile(path)
  if (problem !== undefined) return { ...unreadable, problems: [`${path} ${problem}`] }
  const file = parseYaml(text)
  const variables = fillIn(file, environment)
  const given = file.problems.length > 0 ? undefined : valuesOf(file)
  if (given === undefined) {
    const problems = file.problems.length > 0 ? file.problems : ['refers to its own parts too often']
    return { ...unreadable, problems: problems.map((problem) => `${path}: ${problem}`) }
  }

  const files = readSecretFiles(given)
  const loaded = loadDialects(given, path)
  const parsed = fileSchemaWith(loaded.dialects).safeParse(given, { error: wordsFor })
  const known = [
    ...variables,
    ...loaded.findings,
    ...files.flatMap(({ path, problem }) => (problem === undefined ? [] : [{ path, problem }])),
  ]
  // A reference to an unset variable is a wrong value too, and is named already.
  const isKnown = ({ path }: Finding) => known.some((finding) => pathText(finding.path) === pathText(path))
  // Nobody can judge the settings of a door that could not be loaded.
  const isUnloaded = ({ path: [, , , door] }: Finding) => loaded.findings.some(({ path }) => path[1] === door)
  const wrong = findingsOf(parsed.error?.issues ?? []).filter(
    (finding) => !isKnown(finding) && !isUnloaded(finding),
  )
  return {
    settings: parsed.data ?? {},
    given,
    text,
    dialects: loaded.dialects,
    secretFiles: files.map(({ file }) => file),
    problems: inOrder([...known, ...wrong, ...check(given, [...manifests, ...loaded.dialects])], file, path),
  }
}

/** Each finding once, with its place, by lines. */
function inOrder(findings: Finding[], { lineOf }: YamlFile, file: string): string[] {
  const lines = findings.map(({ path, problem }) => {
    const name = path.length > 0 ? `${pathText(path)} ` : ''
    const line = lineOf(path)
    return { line, words: `${name}${problem} (${file}:${line})` }
  })
  return [...new Set(lines.sort((a, b) => a.line - b.line).map(({ words }) => words))]
}

function valuesOf({ document }: YamlFile): unknown {
  try {
    return withoutExtensions(document.toJS() ?? {})
  } catch {
    return undefined
  }
}

/** Without what begins with `x-` at the top, which is there to hold anchors, as in Compose's files. */
function withoutExtensions(values: unknown): unknown {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return values
  return Object.fromEntries(Object.entries(values).filter(([key]) => !key.startsWith('x-')))
}
