import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { AuthError } from '../core/errors.ts'
import type { Refusal } from './dialect.ts'

export interface ClientErrors {
  /** Remembers which request a connection is in the middle of. */
  watch(response: ServerResponse): void
  /** Answers what Node could not make a request of, and lets go of the connection. */
  handle(error: ClientError, socket: Socket): void
  /** Answers one that asks for a tunnel. */
  handleConnect(request: IncomingMessage): void
}

type ClientError = Error & { code?: string; rawPacket?: unknown }

/** How long what a client still sends is read and thrown away, so that it gets to read its answer. */
const lingerMs = 2_000
/** What of a packet is looked at for its first line. */
const firstBytes = 2_048

/**
 * Answers what never becomes a request: headers beyond the limit, requests that stop half way, and what is not HTTP.
 * `refuse` gives the answer to a request for that target, as far as it is known.
 */
export function clientErrors(
  refuse: (error: AuthError, target: string | undefined) => Refusal,
): ClientErrors {
  const latest = new WeakMap<Socket, ServerResponse>()
  // Node reports a failure again with every packet that follows.
  const answered = new WeakSet<Socket>()

  const handle = (error: ClientError, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable || answered.has(socket)) return
    answered.add(socket)
    // Whoever is gone by the time of the answer does not get it.
    socket.on('error', () => {})
    const refusal = codeOf(error)
    const current = latest.get(socket)
    if (current && !current.req.complete) {
      answerCurrent(current, refuse(refusal, current.req.url))
      letGo(socket)
      return
    }

    const next = () => {
      const { method, target } = firstLineOf(error.rawPacket)
      answerNew(socket, refuse(refusal, target), method)
      letGo(socket)
    }
    // The answers to earlier requests on this connection come first.
    if (current && !current.writableFinished) current.once('close', next)
    else next()
  }
  return {
    watch: (response) => void latest.set(response.req.socket, response),
    handle,
    handleConnect: ({ socket, url }) => {
      socket.on('error', () => {})
      answerNew(socket, refuse(new AuthError('route_not_found'), url))
      letGo(socket)
    },
  }
}

function codeOf({ code }: ClientError): AuthError {
  if (code === 'HPE_HEADER_OVERFLOW') return new AuthError('headers_too_large')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AuthError('request_timeout')
  return new AuthError(code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW' ? 'payload_too_large' : 'bad_request')
}

/** What a packet asks for, if it begins with the first line of a request. */
function firstLineOf(packet: unknown): { method?: string; target?: string } {
  const line = Buffer.isBuffer(packet) ? packet.toString('latin1', 0, firstBytes) : ''
  const [, method, target] = /^([A-Za-z-]+) ([^\s?]+)/.exec(line) ?? []
  return { method, target }
}

function answerCurrent(response: ServerResponse, refusal: Refusal): void {
  if (!response.headersSent) write(response, refusal)
}

function answerNew(socket: Socket, refusal: Refusal, method?: string): void {
  if (!socket.writable) return
  const request = new IncomingMessage(socket)
  // A HEAD is answered without a body.
  request.method = method
  const response = new ServerResponse(request)
  response.assignSocket(socket)
  response.once('finish', () => socket.end())
  write(response, refusal)
}

function write(response: ServerResponse, { status, headers, body }: Refusal): void {
  const length = Buffer.byteLength(body)
  response.writeHead(status, { ...headers, 'content-length': length, connection: 'close' }).end(body)
}

function letGo(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref()
  socket.once('close', () => clearTimeout(timer))
}
