/**
 * Reads `name=value,name=value`: each name once and one of those given, values of letters, digits and `.`, `_`, `-`.
 * `undefined` when it is anything else. An empty text has none.
 */
export function readParameters<Name extends string>(
  text: string,
  names: readonly Name[],
): Partial<Record<Name, string>> | undefined {
  const read: Partial<Record<Name, string>> = {}
  for (const part of text === '' ? [] : text.split(',')) {
    const [, written, value] = /^([a-z0-9]+)=([A-Za-z0-9._-]+)$/.exec(part) ?? []
    const name = names.find((name) => name === written)
    if (name === undefined || read[name] !== undefined || value === undefined) return undefined
    read[name] = value
  }
  return read
}

/** A number as parameters have it; `NaN`, which is in no range, for any other text, leading zeros included. */
export function readCount(text: string | undefined): number {
  return text !== undefined && /^(0|[1-9]\d{0,11})$/.test(text) ? Number(text) : Number.NaN
}

/** Whether it is a whole number within these, both included. */
export function isWithin(count: number, min: number, max: number): boolean {
  return Number.isSafeInteger(count) && count >= min && count <= max
}
