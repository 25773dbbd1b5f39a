import { AuthError } from '../../../core/errors.ts'
import { fillIn } from '../../../lib/fill-in.ts'
import type { ClientSetting } from '../../client-rules.ts'
import type { Texts } from '../texts.ts'

/** A setting of a client as a field of a form. */
export interface SettingField extends Omit<ClientSetting, 'choices'> {
  /** Of the field, as it comes back. */
  field: string
  value: string
  choices: { value: string; isChosen: boolean }[]
}

const fieldOf = (name: string) => `settings.${name}`

/** The fields for what a dialect knows of its clients, filled in with what is known of one. */
export function settingFields(settings: ClientSetting[], known: Record<string, unknown>): SettingField[] {
  return settings.map(({ choices, ...setting }) => {
    const value = known[setting.name]
    const chosen = [value].flat().map(String)
    return {
      ...setting,
      field: fieldOf(setting.name),
      value: textOf(setting.kind, value),
      choices: choices.map((choice) => ({ value: choice, isChosen: chosen.includes(choice) })),
    }
  })
}

/** The fields of a client's settings as somebody has filled them in. */
export function givenFields(settings: ClientSetting[], form: Record<string, unknown>): SettingField[] {
  const fields = settingFields(settings, {})
  return fields.map((setting) => {
    const given = form[setting.field]
    const chosen = [given].flat().map(String)
    return {
      ...setting,
      value: typeof given === 'string' ? given : '',
      choices: setting.choices.map((choice) => ({ ...choice, isChosen: chosen.includes(choice.value) })),
    }
  })
}

/** The settings that a form says; what is empty is not set. Throws `validation_failed` for what is no JSON. */
export function readSettings(
  settings: ClientSetting[],
  form: Record<string, unknown>,
  texts: Pick<Texts, 'mustBeJson'>,
): Record<string, unknown> {
  const read = settings.flatMap(({ name, kind }): [string, unknown][] => {
    const given = form[fieldOf(name)]
    const value = kind === 'json' ? readJson(name, given, texts) : readValue(kind, given)
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(read)
}

function textOf(kind: ClientSetting['kind'], value: unknown): string {
  if (value === undefined) return ''
  if (kind === 'json') return JSON.stringify(value, undefined, 2)
  return Array.isArray(value) ? value.join('\n') : String(value)
}

function readValue(kind: ClientSetting['kind'], given: unknown): unknown {
  if (kind === 'choices') {
    const chosen = [given].flat().filter((item) => typeof item === 'string' && item !== '')
    return chosen.length > 0 ? chosen : undefined
  }
  if (typeof given !== 'string' || given.trim() === '') return undefined
  if (kind === 'lines') return given.split('\n').flatMap((line) => line.trim() || [])
  return given.trim()
}

function readJson(name: string, given: unknown, { mustBeJson }: Pick<Texts, 'mustBeJson'>): unknown {
  if (typeof given !== 'string' || given.trim() === '') return undefined
  try {
    return JSON.parse(given)
  } catch {
    throw new AuthError('validation_failed', {
      issues: [{ field: fieldOf(name), message: fillIn(mustBeJson, { name }) }],
    })
  }
}
