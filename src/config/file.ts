import { existsSync, readFileSync } from 'node:fs'
import { dropEmpty, type Environment } from './environment.ts'
import { findingsOf, pathText, wordsFor } from './file-issues.ts'
import { FileSchema, type FileSettings } from './file-schema.ts'
import { type Finding, fillIn } from './variables.ts'
import { type Path, parseYaml, type YamlFile } from './yaml.ts'

/** What the file says, and everything that is wrong with it. */
export interface FileReading {
  /** Nothing when anything is wrong. */
  settings: FileSettings
  /**
   * The same as it is given, with text where something else may be wanted. `undefined` when the file is not even YAML,
   * and nothing can be said of what it holds.
   */
  given: unknown
  /** The files that it names in place of a secret. */
  secretFiles: string[]
  problems: string[]
}

const usualFile = 'manydoors.yaml'

/** The file of settings: `wanted`, else `MANYDOORS_CONFIG`, else `manydoors.yaml` if that is there. */
export function findFile(wanted: string | undefined, environment: Environment): string | undefined {
  return wanted ?? dropEmpty(environment).MANYDOORS_CONFIG ?? (existsSync(usualFile) ? usualFile : undefined)
}

/**
 * Reads a file of settings; without one there are none. `check` looks at what it gives for what is wrong beyond single
 * settings.
 */
export function readFile(
  path: string | undefined,
  environment: Environment,
  check: (given: unknown) => Finding[],
): FileReading {
  if (path === undefined) return { settings: {}, given: {}, secretFiles: [], problems: [] }
  const unreadable = { settings: {}, given: undefined, secretFiles: [] }
  const text = readText(path)
  if (text === undefined) return { ...unreadable, problems: [`${path} cannot be read`] }
  const file = parseYaml(text)
  const variables = fillIn(file, environment)
  const given = file.problems.length > 0 ? undefined : valuesOf(file)
  if (given === undefined) {
    const problems = file.problems.length > 0 ? file.problems : ['refers to its own parts too often']
    return { ...unreadable, problems: problems.map((problem) => `${path}: ${problem}`) }
  }

  const secretFiles: string[] = []
  const files = readSecretFiles(given, secretFiles)
  const parsed = FileSchema.safeParse(given, { error: wordsFor })
  const known = [...variables, ...files]
  // What stands for a variable that is not set may be no right value, and is named already.
  const isKnown = ({ path }: Finding) => known.some((finding) => pathText(finding.path) === pathText(path))
  const wrong = findingsOf(parsed.error?.issues ?? []).filter((finding) => !isKnown(finding))
  return {
    settings: parsed.data ?? {},
    given,
    secretFiles,
    problems: inOrder([...known, ...wrong, ...check(given)], file, path),
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

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function valuesOf({ document }: YamlFile): unknown {
  try {
    return document.toJS() ?? {}
  } catch {
    return undefined
  }
}

/**
 * Puts beside every key that ends in `File` the contents of the file that it names, under the key without that, and
 * notes the file. The schema says which keys those may be, and refuses the others.
 */
function readSecretFiles(values: unknown, files: string[], within: Path = []): Finding[] {
  if (typeof values !== 'object' || values === null) return []
  if (Array.isArray(values))
    return values.flatMap((value, index) => readSecretFiles(value, files, [...within, index]))
  const section = values as Record<string, unknown>
  return Object.entries(section).flatMap(([key, value]): Finding[] => {
    const [, name] = /^(\w+)File$/.exec(key) ?? []
    if (name === undefined || typeof value !== 'string')
      return readSecretFiles(value, files, [...within, key])
    const path = [...within, key]
    if (section[name] !== undefined)
      return [{ path, problem: `and ${pathText([...within, name])} are both set` }]
    try {
      section[name] = readFileSync(value, 'utf8').trim()
      files.push(value)
      return []
    } catch {
      return [{ path, problem: `cannot be read: ${value}` }]
    }
  })
}
