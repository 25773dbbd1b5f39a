/** A request as it came. */
export interface ShadowRequest {
  method: string
  /** Path and query. */
  url: string
  /** Names in lower case, in the order in which they came. */
  headers: [name: string, value: string][]
  body: Buffer
}

/** An answer as it came, but for the coding of its body, which is undone. */
export interface ShadowAnswer {
  status: number
  headers: [name: string, value: string][]
  body: Buffer
}

/** A request and what the old server answered. */
export interface ShadowExchange {
  request: ShadowRequest
  answer: ShadowAnswer
}

/** All values that a header has. */
export function headersNamed({ headers }: Pick<ShadowAnswer, 'headers'>, name: string): string[] {
  return headers.filter(([given]) => given === name).map(([, value]) => value)
}

/** An id in the name of a cookie, such as that of the login which it is of. */
export const idInName = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i

/** A cookie that an answer sets. */
interface SetCookie {
  /** With `{id}` where an id stands in it. */
  name: string
  id: string | undefined
  value: string
  /** In lower case. */
  attributes: string[]
}

/** The cookies that an answer sets. */
export function cookiesIn(answer: ShadowAnswer): SetCookie[] {
  return headersNamed(answer, 'set-cookie').map((text) => {
    const [pair = '', ...attributes] = text.split(';').map((part) => part.trim())
    const at = pair.indexOf('=')
    const name = pair.slice(0, at)
    return {
      name: name.replace(idInName, '{id}'),
      id: idInName.exec(name)?.[0],
      value: pair.slice(at + 1),
      attributes: attributes.map((attribute) => attribute.toLowerCase()).sort(),
    }
  })
}

/** The JSON of a body; `undefined` when it is none. */
export function jsonIn({ headers, body }: Pick<ShadowAnswer, 'headers' | 'body'>): unknown {
  if (!/json/i.test(headersNamed({ headers }, 'content-type')[0] ?? '')) return undefined
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
