import {
  Agent as HttpAgent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { decodedBody } from './decoded-body.ts'
import type { ShadowAnswer, ShadowRequest } from './exchange.ts'
import { headerPairs, isHopByHop } from './raw-headers.ts'

/** Sends whole requests to one server, and reads whole answers. */
export interface ServerAsker {
  send(request: ShadowRequest): Promise<ShadowAnswer>
  close(): void
}

/** No answer of an API is larger. */
const maxAnswerBytes = 1024 * 1024

/** Throws when there is no whole answer in time. */
export function createServerAsker(origin: URL, { timeoutMs }: { timeoutMs: number }): ServerAsker {
  const isTls = origin.protocol === 'https:'
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  const start = isTls ? requestHttps : requestHttp
  return {
    send: ({ method, url, headers, body }) =>
      new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(timeoutMs)
        const options = { method, agent, signal, path: url, headers: outgoing(headers, body) }
        const sent = start(origin, options, (response) => readAnswer(response).then(resolve, reject))
        sent.on('error', reject)
        sent.end(body)
      }),
    close: () => agent.destroy(),
  }
}

function outgoing(headers: ShadowRequest['headers'], body: Buffer): OutgoingHttpHeaders {
  const own = ['content-length', 'accept-encoding', 'expect']
  const all: Record<string, string[]> = {}
  for (const [name, value] of headers)
    if (!isHopByHop(name) && !own.includes(name)) all[name] = [...(all[name] ?? []), value]
  const single = Object.entries(all).map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  const framing = body.length > 0 ? { 'content-length': String(body.length) } : {}
  return { ...Object.fromEntries(single), 'accept-encoding': 'identity', ...framing }
}

async function readAnswer(response: IncomingMessage): Promise<ShadowAnswer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxAnswerBytes) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  return decodedBody({
    status: response.statusCode ?? 0,
    headers: headerPairs(response.rawHeaders),
    body: Buffer.concat(chunks),
  })
}
