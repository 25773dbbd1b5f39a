/** A request and its answer, as a recording has them or a document describes them. Its values stay in memory. */
export interface Exchange {
  method: string
  /** Without the query; a parameter is `:name` where a document says so. */
  path: string
  /** An `Authorization: Bearer` header came along, or is asked for. */
  hasBearer: boolean
  /** By name. */
  cookies: Record<string, string>
  /** By name. */
  query: Record<string, string>
  body: Fields
  status: number
  contentType: string
  /** Parsed where it is JSON; else `undefined`. */
  answer: unknown
  setCookies: SetCookie[]
}

export type Fields = Record<string, unknown>

export interface SetCookie {
  name: string
  value: string
  /** In lower case, `max-age` and so on; empty where one has no value. */
  attributes: Record<string, string>
}

/** Whether the answer is a success. */
export function isSuccess({ status }: Exchange): boolean {
  return status >= 200 && status < 300
}

/** An object of JSON, or `undefined`. */
export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

/** Every value in it that is no object and no list, with the name that it stands under and the way there. */
export function leavesOf(
  value: unknown,
  path: string[] = [],
): { path: string[]; name: string; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, name: path.at(-1) ?? '', value }]
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]))
}

/** Those that are objects. */
export function objectsIn(values: unknown[]): Fields[] {
  return values.map(asFields).filter((value) => value !== undefined)
}

/** A name as programmers choose them. */
const plainName = /^[A-Za-z_$@][\w$. -]{0,63}$/

/** The value without fields whose names may be data themselves, such as addresses that records are kept under. */
export function withPlainNames<T>(value: T): T {
  const isPlain = (name: string) => plainName.test(name) && !/\d{4}/.test(name)
  const entries = (fields: Fields) => Object.entries(fields).filter(([name]) => isPlain(name))
  return JSON.parse(JSON.stringify(value), (_, inner) => {
    const fields = asFields(inner)
    return fields ? Object.fromEntries(entries(fields)) : inner
  })
}
