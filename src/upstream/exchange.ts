import type { IncomingHttpHeaders } from 'node:http'
import sjson from 'secure-json-parse'
import {
  type Ask,
  type PasswordAnswer,
  type UpstreamRequest,
  UpstreamTrouble,
} from '../core/switching/upstream.ts'
import { createCookieJar } from './cookie-jar.ts'
import type { Line, Received, Sent } from './line.ts'

/** An hour: nobody is told to wait for longer, nor to come back at once. */
const maxRetryAfterSeconds = 3600

/** Requests to an old server that share cookies and a time limit. */
export interface Exchange {
  ask: Ask
  /** Begins the time limit anew, for what comes after the answer. */
  extend(): void
}

/** The time that all requests of an exchange have together. */
export interface TimeLimit {
  timeoutMs: number
  /** Aborts with a `TimeoutError` after so many milliseconds: `AbortSignal.timeout` when not given. */
  expire?: (timeoutMs: number) => AbortSignal
}

/**
 * `address` is whose the old server is told that the requests are: nothing else of the caller goes along. All requests
 * have to be over `timeoutMs` after now.
 */
export function createExchange(
  line: Line,
  { timeoutMs, expire = AbortSignal.timeout, address }: TimeLimit & { address: string | undefined },
): Exchange {
  const cookies = createCookieJar()
  let signal = expire(timeoutMs)
  const ask: Ask = async (request) => {
    const headers = {
      ...headersOf(request),
      ...cookies.header(),
      ...(address !== undefined && { 'x-forwarded-for': address }),
    }
    const { method, path } = request
    const sent = { method, path: pathAt(line, path), ...withBody(headers, bodyOf(request)) }
    const received = await line.send(sent, signal)
    const set = received.headers['set-cookie'] ?? []
    cookies.keep(set)
    refuseTrouble(received, request)
    return {
      status: received.status,
      json: readBody(received),
      header: (name) => [received.headers[name]].flat()[0],
      setsCookies: set.length > 0,
    }
  }
  return {
    ask,
    extend: () => {
      signal = expire(timeoutMs)
    },
  }
}

function headersOf({ bearer, headers }: UpstreamRequest): Record<string, string> {
  return {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'Manydoors (switching)',
    ...headers,
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  }
}

interface Body {
  type: string
  text: string
}

function bodyOf({ json, form }: UpstreamRequest): Body | undefined {
  if (form) return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(form).toString() }
  return json === undefined ? undefined : { type: 'application/json', text: JSON.stringify(json) }
}

function withBody(headers: Record<string, string>, body: Body | undefined): Pick<Sent, 'headers' | 'body'> {
  if (!body) return { headers }
  const { type, text } = body
  const length = String(Buffer.byteLength(text))
  return { headers: { ...headers, 'content-type': type, 'content-length': length }, body: text }
}

/** The path as it goes over the wire. Some are out of an answer, and may lead elsewhere. */
function pathAt({ origin }: Line, path: string): string {
  const url = path.startsWith('/') ? URL.parse(path, origin) : null
  if (url?.origin !== origin) throw failed('unexpected')
  return `${url.pathname}${url.search}`
}

function refuseTrouble({ status, headers }: Received, { takesRedirects = false }: UpstreamRequest): void {
  if (status === 429) throw new UpstreamTrouble({ outcome: 'busy', ...retryAfterOf(headers) })
  if (status >= 500) throw failed('server_error', status)
  if (status >= 300 && status < 400 && !takesRedirects) throw failed('redirected', status)
}

function retryAfterOf(headers: IncomingHttpHeaders): { retryAfterSeconds?: number } {
  const [seconds] = /^\d{1,6}$/.exec(headers['retry-after'] ?? '') ?? []
  return seconds === undefined
    ? {}
    : { retryAfterSeconds: Math.min(Math.max(1, Number(seconds)), maxRetryAfterSeconds) }
}

function readBody({ status, headers, body }: Received): unknown {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (body.length === 0 || !/^application\/([\w.+-]+\+)?json$/.test(type)) return undefined
  const isEncoded = (headers['content-encoding'] ?? 'identity') !== 'identity'
  if (isEncoded) throw failed('unreadable', status)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    return sjson.parse(text, { protoAction: 'remove', constructorAction: 'remove' })
  } catch {
    throw failed('unreadable', status)
  }
}

function failed(
  why: Extract<PasswordAnswer, { outcome: 'failed' }>['why'],
  status?: number,
): UpstreamTrouble {
  return new UpstreamTrouble({ outcome: 'failed', why, ...(status !== undefined && { status }) })
}
