import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import { jsonOf } from '../harness/command.ts'
import { eventually, notify } from '../harness/events.ts'
import type { TestServer } from '../harness/harness.ts'

/** What was posted to an endpoint. */
export interface Told {
  id: string
  headers: IncomingHttpHeaders
  body: string
  // biome-ignore lint/suspicious/noExplicitAny: payloads have no type
  payload: any
}

/** An endpoint that is told things, and can be told to misbehave. */
export interface Receiver {
  /** `http://127.0.0.1:PORT/hook` */
  url: string
  /** Oldest first. */
  told: Told[]
  /** What it answers; `undefined`: nothing, until it is closed. */
  reply: (told: Told) => { status: number; headers?: Record<string, string>; body?: string } | undefined
  close(): Promise<void>
}

/** Listens on a free port of the loopback; `reply` is what it says until it is told otherwise. */
export async function startReceiver(reply: Receiver['reply'] = () => ({ status: 200 })): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const { headers } = request
    const body = await text(request)
    const told = { id: String(headers['webhook-id']), headers, body, payload: JSON.parse(body) }
    receiver.told.push(told)
    notify()
    const answer = receiver.reply(told)
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    told: [],
    reply,
    close: async () => {
      const closed = new Promise((closed) => server.close(closed))
      server.closeAllConnections()
      await closed
    },
  }
  return receiver
}

/** Adds an endpoint as an operator does, from another process, and has the server know it. */
export async function addEndpoint(
  server: Pick<TestServer, 'env'> & Partial<Pick<TestServer, 'clock' | 'maintain'>>,
  { url, events = ['*'] }: { url: string; events?: string[] },
): Promise<{ id: string; secret: string }> {
  const [added] = await jsonOf({ env: server.env, now: server.clock?.now ?? Date.now }, [
    'webhook',
    'add',
    url,
    '--event',
    ...events,
  ])
  await server.maintain?.()
  return added
}

/** Waits until an endpoint was told so often; returns what it was told. */
export function toldTimes(receiver: Receiver, count: number): Promise<Told[]> {
  return eventually(`${count} requests`, () => (receiver.told.length >= count ? receiver.told : undefined))
}

/** Waits until an endpoint was told of the type; returns what it was told first. */
export function toldOf(receiver: Receiver, type: string): Promise<Told> {
  return eventually(`an event ${type}`, () => receiver.told.find(({ payload }) => payload.type === type))
}

/** Fails unless the library takes one of the signatures for one by this secret; `machine`: by the clock of this machine, too. */
export function assertSigned({ id, headers, body }: Told, secret: string, clock: 'machine' | 'any' = 'any') {
  const webhook = new Webhook(secret)
  const at = new Date(Number(headers['webhook-timestamp']) * 1000)
  const signatures = String(headers['webhook-signature']).split(' ')
  assert.ok(signatures.includes(webhook.sign(id, at, body)), 'signed by another secret')
  if (clock === 'machine') webhook.verify(body, headers as Record<string, string>)
}
