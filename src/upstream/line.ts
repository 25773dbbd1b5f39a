import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import { UpstreamTrouble } from '../core/switching/upstream.ts'
import { isLoopback } from '../lib/ip.ts'
import { hostOf, type OutwardMeans, outwardOptions, responseTo } from '../lib/outward-request.ts'
import { originFault } from './origin.ts'
import { troubleOf } from './trouble.ts'

const maxBodyBytes = 256 * 1024
/** Connections that are kept, and for how long: shorter than servers keep them, and no name is believed for longer. */
const maxIdleConnections = 2
const idleMs = 4_000

/** The way to one old server. */
export interface Line {
  origin: string
  /** Sends one request and takes the whole answer, whatever it is. Throws `UpstreamTrouble` alone. */
  send(request: Sent, signal: AbortSignal): Promise<Received>
  close(): void
}

export interface Sent {
  method: string
  /** As it goes over the wire. */
  path: string
  headers: Record<string, string>
  body?: string
}

export interface Received {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
}

export interface LineSettings extends OutwardMeans {
  origin: string
  allowPrivate: boolean
  connectTimeoutMs: number
  maxConnections: number
}

/**
 * Requests to one origin and nowhere else: https, or http to this machine itself, to addresses that `isAllowedAddress`
 * lets through each time a connection is made. Certificates are checked whatever the environment says; no proxy is
 * asked. Throws for an origin that will not do.
 */
export function createLine(settings: LineSettings): Line {
  const { allowPrivate, connectTimeoutMs, maxConnections } = settings
  const fault = originFault(settings.origin, settings)
  if (fault !== undefined) throw new Error(`the old server's address ${fault}`)
  const url = new URL(settings.origin)
  const { request, Agent } = url.protocol === 'https:' ? https : http
  const agent = new Agent({
    keepAlive: true,
    maxSockets: maxConnections,
    maxFreeSockets: maxIdleConnections,
    timeout: idleMs,
  })
  const rule = { allowPrivate, isOwnMachine: isLoopback(hostOf(url)) }
  const common = outwardOptions(url, rule, settings)

  const sendOnce = async (
    { body, ...sent }: Sent,
    signal: AbortSignal,
    over: http.Agent | false,
  ): Promise<Received> => {
    const outgoing = request({ ...common, ...sent, agent: over, signal })
    outgoing.once('socket', (socket) => limitConnecting(socket, connectTimeoutMs, outgoing))
    const response = await responseTo(outgoing, body).catch((error) => {
      if (over !== false && isGone(outgoing, error)) return undefined
      throw error
    })
    return response ? receive(response) : sendOnce({ body, ...sent }, signal, false)
  }

  return {
    origin: url.origin,
    send: (sent, signal) =>
      sendOnce(sent, signal, agent).catch((error) => {
        throw troubleOf(error, signal)
      }),
    close: () => agent.destroy(),
  }
}

/** Whether a connection that was kept had been closed at its other end before the request came there. */
function isGone({ reusedSocket }: http.ClientRequest, error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE')
}

async function receive(response: http.IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    // Leaving the loop destroys the response, and its connection.
    if (length > maxBodyBytes) throw new UpstreamTrouble({ outcome: 'failed', why: 'too_large' })
    chunks.push(chunk)
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }
}

/** The name is looked up within that time, too. */
function limitConnecting(socket: Socket, timeoutMs: number, outgoing: http.ClientRequest): void {
  if (!socket.connecting) return
  const timer = setTimeout(() => {
    outgoing.destroy(new UpstreamTrouble({ outcome: 'failed', why: 'unreachable' }))
  }, timeoutMs)
  socket.once('connect', () => clearTimeout(timer))
  socket.once('close', () => clearTimeout(timer))
}
