import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before } from 'node:test'

interface Asked {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** A server that answers as a test wants it to. */
export interface FakeServer {
  port: number
  /** `http://127.0.0.1:PORT` */
  origin: string
  /** Oldest first. */
  asked: Asked[]
  connections: number
  answer: (response: ServerResponse, asked: Asked) => void
  close(): Promise<void>
}

/** For all tests of the suite that this is called in; it forgets what it was asked when it is told what to answer. */
export function useFakeServer(tls?: () => { key: string; cert: string }): FakeServer {
  const fake = {} as FakeServer
  before(async () => {
    Object.setPrototypeOf(fake, await startFakeServer(tls?.()))
  })
  after(() => fake.close?.())
  return fake
}

async function startFakeServer(tls?: { key: string; cert: string }): Promise<FakeServer> {
  const listener: RequestListener = async (request, response) => {
    const { method = '', url: path = '', headers } = request
    const asked = { method, path, headers, body: await text(request).catch(() => '') }
    // Set on the object that tests have, which inherits from this one.
    state.asked.push(asked)
    state.answer(response, asked)
  }
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener)
  const state = {
    asked: [] as Asked[],
    connections: 0,
    answer: (response: ServerResponse) => void response.end(),
  } as Pick<FakeServer, 'asked' | 'connections' | 'answer'>
  server.on('connection', () => state.connections++)
  server.on('tlsClientError', () => {})
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    port,
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    get asked() {
      return state.asked
    },
    get connections() {
      return state.connections
    },
    get answer() {
      return state.answer
    },
    set answer(answer) {
      state.asked = []
      state.answer = answer
    },
    close: async () => {
      const closed = new Promise((closed) => server.close(closed))
      server.closeAllConnections()
      await closed
    },
  }
}

/** An answer in JSON. */
export function sendJson(response: ServerResponse, status: number, json: unknown, headers = {}): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(json))
}
