import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before } from 'node:test'
import { eventually, notify } from '../../harness/events.ts'
import { type Engine, startTestServer, type TestServer } from '../../harness/harness.ts'

/** What was posted to the gateway. */
export interface Posted {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

interface Reply {
  status: number
  headers?: Record<string, string>
  body?: string
}

/** A real HTTP server on the loopback that stands for an SMS gateway, and can be told to misbehave. */
export interface Gateway {
  /** `127.0.0.1:PORT` */
  host: string
  /** Oldest first. */
  posted: Posted[]
  /** What it answers; `undefined`: nothing, until it hangs up. */
  reply: (posted: Posted) => Reply | undefined
  /** Ends every connection, answered or not. */
  hangUp(): void
  close(): Promise<void>
}

export async function startGateway(): Promise<Gateway> {
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request
    const posted = { method, path, headers, body: await text(request) }
    gateway.posted.push(posted)
    notify()
    const reply = gateway.reply(posted)
    if (reply) response.writeHead(reply.status, reply.headers).end(reply.body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  const gateway: Gateway = {
    host: `127.0.0.1:${port}`,
    posted: [],
    reply: () => ({ status: 202 }),
    hangUp: () => server.closeAllConnections(),
    close: async () => {
      const closed = new Promise((closed) => server.close(closed))
      gateway.hangUp()
      await closed
    },
  }
  return gateway
}

/** A server, and the gateway of its own that it sends through. */
export interface Link {
  server: TestServer
  gateway: Gateway
}

/** Both for all tests of the suite that this is called in; `settings` name the gateway at that host. */
export function useGateway(engine: Engine, settings: (host: string) => Record<string, string>): Link {
  const link = {} as Link
  before(async () => {
    link.gateway = await startGateway()
    link.server = await startTestServer(engine, { env: settings(link.gateway.host) })
  })
  after(async () => {
    await link.gateway?.close()
    await link.server?.close()
  })
  return link
}

/** Waits until so many messages have been posted that this is true of; returns them. */
export function postedTo(gateway: Gateway, mobile: string, count = 1): Promise<Posted[]> {
  return eventually(`${count} messages to ${mobile}`, () => {
    const posted = gateway.posted.filter(({ body }) => decodeURIComponent(body).includes(mobile))
    return posted.length >= count ? posted : undefined
  })
}
