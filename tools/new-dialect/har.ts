import { z } from 'zod'
import { asFields, type Exchange, type Fields, type SetCookie } from './exchange.ts'

const Pairs = z.array(z.object({ name: z.string(), value: z.coerce.string() })).catch([])

/** What is read of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/); browsers leave much of it out. */
const Entry = z.object({
  request: z.object({
    method: z.string(),
    url: z.url(),
    headers: Pairs,
    postData: z
      .object({ mimeType: z.string().catch(''), text: z.string().optional().catch(undefined), params: Pairs })
      .optional()
      .catch(undefined),
  }),
  response: z.object({
    status: z.number(),
    headers: Pairs,
    content: z
      .object({
        mimeType: z.string().catch(''),
        text: z.string().optional().catch(undefined),
        encoding: z.string().optional().catch(undefined),
      })
      .catch({ mimeType: '', text: undefined, encoding: undefined }),
  }),
})

const Har = z.object({ log: z.object({ entries: z.array(z.unknown()) }) })

type Recorded = z.output<typeof Entry>

/**
 * The exchanges of a recording with the one origin that passwords were sent to. Other origins, files of pages and what
 * cannot be read are passed over, and counted. Throws where it is no HAR, or no password was sent.
 */
export function readHar(json: unknown): { exchanges: Exchange[]; passedOver: number } {
  const har = Har.safeParse(json)
  if (!har.success) throw new Error('The file is no HAR: it has no log.entries.')
  const { entries } = har.data.log
  const readable = entries.flatMap((entry) => Entry.safeParse(entry).data ?? [])
  const origin = originOf(readable)
  if (origin === undefined)
    throw new Error('The recording holds no request with a password: record a sign-in, and keep the bodies.')
  const exchanges = readable.filter((entry) => isOfApi(entry, origin)).map(exchangeOf)
  return { exchanges, passedOver: entries.length - exchanges.length }
}

function originOf(entries: Recorded[]): string | undefined {
  const counts = new Map<string, number>()
  for (const { request } of entries) {
    if (!Object.keys(bodyOf(request)).some((name) => /pass|pwd/i.test(name))) continue
    const { origin } = new URL(request.url)
    counts.set(origin, (counts.get(origin) ?? 0) + 1)
  }
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0]
}

function isOfApi({ request, response }: Recorded, origin: string): boolean {
  const { mimeType } = response.content
  const isPart = request.method === 'GET' && mimeType !== '' && !/json/.test(mimeType)
  // Status 0: the browser has no answer.
  return (
    new URL(request.url).origin === origin && request.method !== 'OPTIONS' && !isPart && response.status > 0
  )
}

function exchangeOf({ request, response }: Recorded): Exchange {
  const url = new URL(request.url)
  const contentType = valuesOf(response.headers, 'content-type')[0] ?? response.content.mimeType
  return {
    method: request.method.toUpperCase(),
    path: url.pathname.replace(/(.)\/$/, '$1'),
    hasBearer: valuesOf(request.headers, 'authorization').some((value) => /^Bearer ./i.test(value)),
    cookies: cookiesOf(valuesOf(request.headers, 'cookie')),
    query: Object.fromEntries(url.searchParams),
    body: bodyOf(request),
    status: response.status,
    contentType,
    answer: answerOf(response),
    // Some programs write several into one header, line by line.
    setCookies: valuesOf(response.headers, 'set-cookie').flatMap((value) =>
      value.split('\n').map(readSetCookie),
    ),
  }
}

function valuesOf(headers: z.output<typeof Pairs>, name: string): string[] {
  return headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value)
}

function bodyOf({ postData }: Recorded['request']): Fields {
  if (!postData) return {}
  if (/json/.test(postData.mimeType)) return asFields(parsed(postData.text ?? '')) ?? {}
  if (postData.params.length > 0)
    return Object.fromEntries(postData.params.map(({ name, value }) => [name, value]))
  if (/urlencoded/.test(postData.mimeType)) return Object.fromEntries(new URLSearchParams(postData.text))
  return {}
}

function answerOf({ content }: Recorded['response']): unknown {
  const text =
    content.encoding === 'base64' ? Buffer.from(content.text ?? '', 'base64').toString() : content.text
  return parsed(text ?? '')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function cookiesOf(headers: string[]): Record<string, string> {
  const pairs = headers.flatMap((header) => header.split(';')).map((pair) => pair.trim())
  return Object.fromEntries(pairs.map((pair) => splitAt(pair)))
}

function readSetCookie(header: string): SetCookie {
  const [first = '', ...rest] = header.split(';').map((part) => part.trim())
  const [name, value] = splitAt(first)
  const attributes = rest.map((part) => splitAt(part)).map(([key, value]) => [key.toLowerCase(), value])
  return { name, value, attributes: Object.fromEntries(attributes) }
}

function splitAt(pair: string): [string, string] {
  const [name = '', ...value] = pair.split('=')
  return [name, value.join('=')]
}
