import {
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { type Collected, collectBody } from './collector.ts'
import type { Copier } from './copier.ts'
import { decodedBody } from './decoded-body.ts'
import { headerPairs, passedOn } from './raw-headers.ts'

export interface ProxyOptions {
  old: URL
  /** Absent while nothing is copied. */
  copier?: Pick<Copier, 'offer' | 'skip'>
  /** Whether a path is one of the door's. */
  isOfDoor(path: string): boolean
}

export interface ShadowProxy {
  handle(request: IncomingMessage, response: ServerResponse): void
  close(): void
}

/** Idle ones are closed before servers do, which mostly wait five seconds: else a request may meet one that is just gone. */
const connections = { keepAlive: true, timeout: 4000 }

/** Larger bodies are passed on, and their exchanges not copied. */
const maxKeptBytes = 128 * 1024

/**
 * Answers with what the old server answers, byte for byte, and hands the copier what came and went once the client has
 * it all. An answer of its own, 502, is given when the old server gives none.
 */
export function createProxy(options: ProxyOptions): ShadowProxy {
  const isTls = options.old.protocol === 'https:'
  const agent = isTls ? new HttpsAgent(connections) : new HttpAgent(connections)
  const start = isTls ? requestHttps : requestHttp
  return {
    handle: (request, response) => {
      const { method = 'GET', url = '/' } = request
      const requestBody = collectBody(request, maxKeptBytes)
      const headers = withPeer(passedOn(request.rawHeaders, ['expect']), request)
      const isFramed = request.headers['transfer-encoding'] !== undefined
      if (isFramed) headers.push('Transfer-Encoding', 'chunked')
      const sent = start(options.old, { method, path: url, agent, headers, setHost: false })
      sent.on('response', (answer) => passAnswer({ request, requestBody, answer, response }, options))
      sent.on('error', () => refuse(response))
      response.on('close', () => {
        if (!response.writableFinished) sent.destroy()
      })
      request.on('error', () => sent.destroy())
      request.pipe(sent)
    },
    close: () => agent.destroy(),
  }
}

/** As every proxy does, so that limits of the old server are those of its clients. */
function withPeer(headers: string[], { socket }: IncomingMessage): string[] {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'x-forwarded-for')
  const peer = socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown'
  if (at < 0) return [...headers, 'X-Forwarded-For', peer]
  return headers.with(at + 1, `${headers[at + 1]}, ${peer}`)
}

interface Passing {
  request: IncomingMessage
  requestBody: Collected
  answer: IncomingMessage
  response: ServerResponse
}

function passAnswer(passing: Passing, { copier, isOfDoor }: ProxyOptions): void {
  const { request, answer, response } = passing
  response.sendDate = false
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, passedOn(answer.rawHeaders))
  const answerBody = collectBody(answer, maxKeptBytes)
  answer.on('error', () => response.destroy())
  answer.pipe(response)
  if (!copier || !isOfDoor((request.url ?? '/').split('?', 1)[0] ?? '')) return
  answer.on('end', () => offer(copier, passing, answerBody))
}

function offer(copier: Pick<Copier, 'offer' | 'skip'>, passing: Passing, answerBody: Collected): void {
  const { request, answer } = passing
  const { method = 'GET', url = '/' } = request
  const [sent, given] = [passing.requestBody.body(), answerBody.body()]
  if (!sent || !given || !request.complete) {
    copier.skip({ method, url })
    return
  }
  const headers = headerPairs(withPeer(request.rawHeaders, request))
  const old = { status: answer.statusCode ?? 0, headers: headerPairs(answer.rawHeaders), body: given }
  copier.offer({ request: { method, url, headers, body: sent }, answer: decodedBody(old) })
}

function refuse(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(502, { 'content-type': 'application/json' }).end('{"error":"bad_gateway"}')
}
