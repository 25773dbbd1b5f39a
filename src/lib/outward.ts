import * as http from 'node:http'
import * as https from 'node:https'
import { isIP } from 'node:net'
import { pipeline, Readable, Transform } from 'node:stream'
import { isAllowedAddress } from './outward-addresses.ts'
import { hostOf, type OutwardMeans, outwardOptions, responseTo } from './outward-request.ts'

/** As the global `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

export interface OutwardSettings extends OutwardMeans {
  /** Also to private and loopback addresses, and then without TLS, too. */
  allowPrivate: boolean
  /** For all of it: the name, the connection, the answer. */
  timeoutMs: number
  maxBodyBytes: number
}

/** Why a request has no answer; its message says so, and nothing of what was sent or received. */
export class OutwardError extends Error {
  readonly why: 'forbidden' | 'timed_out' | 'failed'

  constructor(why: OutwardError['why'], message: string) {
    super(message)
    this.why = why
  }
}

/**
 * A `fetch` for addresses that clients of this server have named, so that none of them has it ask machines that only it
 * can reach. Each request has a connection of its own, to an address that `isAllowedAddress` lets through as the
 * connection is made. Redirects are answers like others, certificates are checked whatever the environment says, and no
 * proxy is asked. Throws `OutwardError` alone; a body that is too long breaks off as it is read.
 */
export function createOutwardFetch(settings: OutwardSettings): Fetch {
  return async (input, init = {}) => {
    const { method, headers, body, signal } = init
    const request = new Request(input, { method, headers, body, signal })
    const limit = AbortSignal.any([request.signal, AbortSignal.timeout(settings.timeoutMs)])
    try {
      const url = checkedUrl(new URL(request.url), settings)
      const content = request.body === null ? undefined : Buffer.from(await request.arrayBuffer())
      const answer = await send(url, { request, content, limit }, settings)
      return toResponse(answer, settings)
    } catch (error) {
      throw outwardError(error, limit)
    }
  }
}

function checkedUrl(url: URL, { allowPrivate }: OutwardSettings): URL {
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && allowPrivate)
  if (!isSecure) throw new OutwardError('forbidden', 'the address does not begin with https://')
  const host = hostOf(url)
  // Names are looked up as the connection is made; what is none is not.
  if (isIP(host) !== 0 && !isAllowedAddress(host, { allowPrivate, isOwnMachine: false }))
    throw new OutwardError('forbidden', forbidden)
  return url
}

const forbidden = 'the address is one to which no request may go'

interface Sent {
  request: Request
  content: Buffer | undefined
  limit: AbortSignal
}

function send(url: URL, { request, content, limit }: Sent, settings: OutwardSettings) {
  const open = url.protocol === 'https:' ? https.request : http.request
  const { allowPrivate } = settings
  const outgoing = open({
    ...outwardOptions(url, { allowPrivate, isOwnMachine: false }, settings),
    path: `${url.pathname}${url.search}`,
    method: request.method,
    headers: {
      'accept-encoding': 'identity',
      'user-agent': 'Manydoors',
      ...Object.fromEntries(request.headers),
      ...(content && { 'content-length': content.length }),
    },
    agent: false,
    signal: limit,
  })
  return responseTo(outgoing, content)
}

/** Statuses whose answers have no body (Fetch §2.2.3). */
const withoutBody = new Set([204, 205, 304])

function toResponse(answer: http.IncomingMessage, settings: OutwardSettings): Response {
  const status = answer.statusCode ?? 0
  if (status < 200 || status > 599) {
    answer.destroy()
    throw new OutwardError('failed', `the answer has the status ${status}`)
  }
  const headers = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  if (!withoutBody.has(status))
    return new Response(Readable.toWeb(limited(answer, settings)) as ReadableStream, { status, headers })
  answer.destroy()
  return new Response(null, { status, headers })
}

/** Whoever cancels it ends the connection. */
function limited(answer: http.IncomingMessage, { maxBodyBytes }: OutwardSettings): Readable {
  let length = 0
  const counted = new Transform({
    transform: (chunk: Buffer, _, done) => {
      length += chunk.length
      done(length > maxBodyBytes ? new OutwardError('failed', 'the answer is too long') : null, chunk)
    },
  })
  pipeline(answer, counted, () => {})
  return counted
}

/** What Node says may hold addresses and bytes of the answer. */
function outwardError(error: unknown, limit: AbortSignal): OutwardError {
  if (error instanceof OutwardError) return error
  if (limit.aborted) return new OutwardError('timed_out', 'no answer in time')
  const { code } = error as { code?: unknown }
  if (code === 'FORBIDDEN_ADDRESS') return new OutwardError('forbidden', forbidden)
  return new OutwardError('failed', typeof code === 'string' ? code : 'the connection failed')
}
