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

/** Name and value of each cookie that an answer sets, and its attributes in lower case. */
export function cookiesIn(answer: ShadowAnswer): { name: string; value: string; attributes: string[] }[] {
  return headersNamed(answer, 'set-cookie').map((text) => {
    const [pair = '', ...attributes] = text.split(';').map((part) => part.trim())
    const at = pair.indexOf('=')
    return {
      name: pair.slice(0, at),
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
