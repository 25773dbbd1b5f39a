/** A text as it is, without blanks around it, or a number; `undefined` for all that stands for no value in exports. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return none.test(text) ? undefined : text
}

/** MySQL writes a date that is not there with zeros, SQL Server's tools and others write the word. */
const none = /^(|NULL|null|\\N|0000-00-00.*)$/

/** `undefined` when it is neither. */
export function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  const text = asText(value)?.toLowerCase()
  if (text !== undefined && yes.has(text)) return true
  return text !== undefined && no.has(text) ? false : undefined
}

const yes = new Set(['true', 't', '1', 'yes', 'y', 'on'])
const no = new Set(['false', 'f', '0', 'no', 'n', 'off'])
