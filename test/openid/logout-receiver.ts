import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { eventually, notify } from '../harness/events.ts'
import { claimsOf, send } from '../harness/harness.ts'

/** What was posted to a client. */
export interface Posted {
  path: string
  headers: IncomingHttpHeaders
  token: string
  // biome-ignore lint/suspicious/noExplicitAny: claims have no type
  claims: any
}

/** The server of a client that is told of the ends of sessions, and can be told to misbehave. */
export interface Receiver {
  /** `http://127.0.0.1:PORT/logout` */
  uri: string
  /** Oldest first. */
  posted: Posted[]
  /** What it answers; `undefined`: nothing, until it is closed. */
  reply: (posted: Posted) => { status: number; headers?: Record<string, string>; body?: string } | undefined
  close(): Promise<void>
}

/** Listens at that address of the loopback; `answer` is what it says until it is told otherwise. */
export async function startReceiver(reply: Receiver['reply'] = () => ({ status: 200 })): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const { headers, url: path = '' } = request
    const token = new URLSearchParams(await text(request)).get('logout_token') ?? ''
    const posted = { path, headers, token, claims: token && claimsOf(token) }
    receiver.posted.push(posted)
    notify()
    const answer = receiver.reply(posted)
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  const receiver: Receiver = {
    uri: `http://127.0.0.1:${port}/logout`,
    posted: [],
    reply,
    close: async () => {
      const closed = new Promise((closed) => server.close(closed))
      server.closeAllConnections()
      await closed
    },
  }
  return receiver
}

/** Waits until a receiver has been told so often; returns what it was told. */
export function toldTimes(receiver: Receiver, count: number): Promise<Posted[]> {
  return eventually(`${count} logout tokens`, () =>
    receiver.posted.length >= count ? receiver.posted : undefined,
  )
}

/** Fails unless one of the keys that the server publishes has signed the token, by that algorithm and as a logout token. */
export async function assertSigned(serverUrl: string, token: string, algorithm: 'RS256' | 'ES256') {
  const { keys } = (await send(`${serverUrl}/.well-known/jwks.json`, 'GET')).body
  const [header = '', claims = '', signature = ''] = token.split('.')
  const { alg, typ, kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
  assert.deepEqual([alg, typ], [algorithm, 'logout+jwt'])
  const jwk = keys.find((key: { kid: string }) => key.kid === kid) ?? assert.fail('the key is not published')
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const }
  assert.ok(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')))
}
