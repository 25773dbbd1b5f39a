import { isScalar } from 'yaml'
import type { Settings } from '../schema.ts'
import type { Path } from '../sources/findings.ts'
import { sectionOf } from '../sources/tree.ts'
import { parseYaml, variablesIn, type YamlFile } from '../sources/yaml.ts'

/** Where the value of a setting comes from. */
export type SettingSource =
  | { kind: 'default' }
  | {
      kind: 'file'
      file: string
      line: number
      /** Those that the value there refers to. */
      variables?: string[]
      secretFile?: string
    }
  | { kind: 'variable'; name: string; secretFile?: string }

/** What was given, before the schema has read it, and by whom. */
export interface GivenSettings {
  /** Of the file, with what variables say in its place. */
  merged: unknown
  /** The same as the schema has read it. */
  settings: Settings
  /** The variables that are set, by their places, and what they say; a secret in a file has the place of its path. */
  variables: ReadonlyMap<string, { name: string; text: string }>
  /** The file as it is written, and what it says. */
  file?: { path: string; text: string; given: unknown }
}

/** Finds where values come from. The file is read into its lines once, when the first one is asked for. */
export function findSources({ variables, file }: GivenSettings): (path: Path) => SettingSource {
  let yaml: YamlFile | undefined
  return (path) => {
    const ofVariable = variableAt(variables, path)
    if (ofVariable) return ofVariable
    const secretPath = [...path.slice(0, -1), `${String(path.at(-1))}File`]
    const secretFile = valueIn(file?.given, secretPath)
    if (!file || (valueIn(file.given, path) === undefined && secretFile === undefined))
      return { kind: 'default' }
    yaml ??= parseYaml(file.text)
    const written = secretFile === undefined ? path : secretPath
    const names = variablesAt(yaml, written)
    return {
      kind: 'file',
      file: file.path,
      line: yaml.lineOf(written),
      ...(names.length > 0 && { variables: names }),
      ...(typeof secretFile === 'string' && { secretFile }),
    }
  }
}

/** In one phrase: `manydoors.yaml:12`, `MANYDOORS_PUBLIC_URL`, and the file that a secret lies in; nothing for a default. */
export function sourceText(source: SettingSource): string | undefined {
  if (source.kind === 'default') return undefined
  const secret = source.secretFile === undefined ? '' : `, in ${source.secretFile}`
  if (source.kind === 'variable') return `${source.name}${secret}`
  const variables = source.variables ? ` (${source.variables.join(', ')})` : ''
  return `${source.file}:${source.line}${variables}${secret}`
}

function variableAt(variables: GivenSettings['variables'], path: Path): SettingSource | undefined {
  for (const place of [path.join('.'), ...ofDialects(path)]) {
    const variable = variables.get(place)
    if (variable) return { kind: 'variable', name: variable.name }
    const ofFile = variables.get(`${place}File`)
    if (ofFile) return { kind: 'variable', name: ofFile.name, secretFile: ofFile.text }
  }
  return undefined
}

/** Variables set the secrets of a dialect for every realm at once. */
function ofDialects([realms, , dialects, dialect, ...rest]: Path): string[] {
  const isOfDialect = realms === 'realms' && dialects === 'dialects' && rest.length > 0
  return isOfDialect ? [['dialectSecrets', dialect, ...rest].join('.')] : []
}

/** The value at the end of a path, lists included. */
export function valueIn(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)]
    return sectionOf(value)[String(step)]
  }, tree)
}

function variablesAt({ document }: YamlFile, path: Path): string[] {
  const node = document.getIn(path, true)
  return isScalar(node) && typeof node.value === 'string' ? variablesIn(node.value) : []
}
