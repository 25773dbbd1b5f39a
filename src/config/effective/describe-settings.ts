import type { Config } from '../config.ts'
import { everySetting } from '../schema.ts'
import { secretSettings } from '../sources/environment.ts'
import { type Path, pathText } from '../sources/findings.ts'
import { sectionOf } from '../sources/tree.ts'
import { findSources, type SettingSource, valueIn } from './sources.ts'
import { type SchemaLeaf, walkSchema } from './walk-schema.ts'

/** One setting as it is in force. */
export interface EffectiveSetting {
  /** Such as `realms.main.brand.name`. */
  name: string
  description?: string
  /** As it was written, where somebody has; never that of a secret. */
  value?: Value
  /** In words, where nobody has set it and the schema says what holds then. */
  default?: string
  /** Its value is not told, only whether it is set. */
  isSecret: boolean
  isSet: boolean
  source: SettingSource
}

type Value = string | number | boolean | string[]

/**
 * Every setting that this configuration has a place for, with what is in force and where that comes from. It is read off
 * the schema, so that none can be left out. Secrets are there as set or not.
 */
export function describeSettings(config: Config): EffectiveSetting[] {
  const sourceOf = findSources(config.given)
  const given = sectionOf(config.given.merged)
  const named = Object.keys(sectionOf(given.realms))
  // Those without a section are there, too.
  const realms = Object.fromEntries(
    config.realms.map(({ name }) => [name, named.includes(name) ? sectionOf(given.realms)[name] : {}]),
  )
  const schema = everySetting(config.loadedDialects)
  const leaves = walkSchema(schema, { ...given, realms }, { isThere: isThereIn(config) })
  return [...leaves].map((leaf) => describe(leaf, sourceOf(leaf.path)))
}

/** Doors that are closed have nothing in force, unless somebody has set something of them. */
function isThereIn({ realms, given }: Config): (path: Path) => boolean {
  return (path) => {
    const [first, realm, section, dialect] = path
    if (path.length !== 4 || first !== 'realms' || section !== 'dialects') return true
    const open = realms.find(({ name }) => name === realm)?.dialects ?? {}
    return String(dialect) in open || valueIn(given.merged, path) !== undefined
  }
}

function describe(
  { path, given, description, ...leaf }: SchemaLeaf,
  source: SettingSource,
): EffectiveSetting {
  const isSecret = leaf.isSecret || secretSettings.has(path.join('.')) || mayHoldSecret(path, given)
  const isSet = source.kind !== 'default'
  const [, standsIn] = /\((?!RFC )([^()]+)\)$/.exec(description ?? '') ?? []
  const value = isSet && !isSecret ? shownValue(given) : undefined
  return {
    name: pathText(path),
    ...(description !== undefined && { description }),
    ...(value !== undefined && { value }),
    ...(!isSet && standsIn !== undefined && { default: standsIn }),
    isSecret,
    isSet,
    source,
  }
}

/** What is sent to other machines may have a key of theirs in it, wherever it is written down, and so may a URL. */
function mayHoldSecret(path: Path, given: unknown): boolean {
  if (path.includes('headers') || path.includes('body')) return true
  if (typeof given !== 'string') return false
  const { username, password } = URL.parse(given) ?? {}
  return Boolean(username || password)
}

function shownValue(given: unknown): Value | undefined {
  if (given === undefined || given === null) return undefined
  if (Array.isArray(given)) return given.map(textOf)
  return typeof given === 'object' ? JSON.stringify(given) : (given as Value)
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
