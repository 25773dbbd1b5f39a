import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { type TestServer, useServer } from '../../harness/harness.ts'
import {
  defaultClient,
  freshPerson,
  getWithBody,
  register,
  registration,
  reset,
  send,
  signIn,
  tokenMailed,
  validation,
  webClient,
} from './door.ts'

/** What the client answers with, and what it rejects with when a request is refused. */
interface Response {
  status: number
  headers: Record<string, string>
  // biome-ignore lint/suspicious/noExplicitAny: bodies have no type
  data: any
}

/** As much of the client as is used here. */
interface Client {
  use(strategy: 'standalone', options: { refresh_token: string; client_id: string }): Client
  auth: {
    register(fields: object): Promise<Response>
    retrieveToken(fields: { client_id: string; refresh_token: string }): Promise<Response>
    sendEmailLink(): Promise<Response>
    validEmail(token: string): Promise<Response>
    requestNewPassword(fields: { email: string }): Promise<Response>
    revoke(): Promise<Response>
  }
  bucket: { retrieveAll(): Promise<Response> }
  user: { retrieve(): Promise<Response> }
  _network: {
    tokens: { access_token: string | null; refresh_token: string | null }
    request(request: {
      method: string
      url: string
      data: object
      authentication: boolean
    }): Promise<Response>
  }
}

const PM2IO: new (options: { services: { API: string; OAUTH: string } }) => Client = createRequire(
  import.meta.url,
)('@pm2/js-api')

const hour = 3_600_000

/** Its settings are the module's own, so of two clients the newer one's count for both. */
function newClient({ url }: TestServer): Client {
  return new PM2IO({ services: { API: url, OAUTH: url } })
}

async function assertRejected(status: number, asked: Promise<Response>): Promise<Response> {
  const [outcome] = await Promise.allSettled([asked])
  assert.ok(outcome.status === 'rejected', `expected a refusal with ${status}`)
  // Not the whole answer, which the client hands out with its sockets.
  assert.equal(outcome.reason.status, status)
  return outcome.reason
}

describe('the client @pm2/js-api', () => {
  const server = useServer('sqlite')

  it('goes through a whole life of an account', async () => {
    const person = freshPerson()
    const stranger = newClient(server)
    // Its own `register` forgets the fields, as it knows no body for a GET; what sends its requests knows one.
    const empty = await assertRejected(400, stranger.auth.register(registration(person)))
    assert.equal(empty.data.email.message, 'A valid email is required.')
    const url = `${server.url}/api/oauth/register`
    const data = registration(person)
    const registered = await stranger._network.request({ method: 'GET', url, data, authentication: false })
    assert.equal(registered.data.user.email, person.email)
    const refresh_token = registered.data.refreshToken.token

    const client = newClient(server).use('standalone', { refresh_token, client_id: defaultClient })
    // Waits in the client until the tokens are there.
    assert.deepEqual((await client.user.retrieve()).data, registered.data.user)
    assert.deepEqual((await client.bucket.retrieveAll()).data, [])
    const { access_token: first } = client._network.tokens

    server.clock.advance(hour + 1000)
    assert.equal((await client.user.retrieve()).data.username, person.username)
    assert.notEqual(client._network.tokens.access_token, first)
    assert.equal(client._network.tokens.refresh_token, refresh_token)
    server.clock.advance(hour + 1000)
    assert.deepEqual((await client.bucket.retrieveAll()).data, [])

    // The sign-up's own, which would else come in between.
    await server.mail(person.email, validation)
    const mail = { to: person.email, subject: validation }
    const token = await tokenMailed(server, mail, () => client.auth.sendEmailLink())
    const validated = await assertRejected(301, client.auth.validEmail(token))
    assert.equal(validated.headers.location, 'https://app.keymetrics.io')
    assert.equal((await client.user.retrieve()).data.email_valid, true)

    const asked = () => client.auth.requestNewPassword({ email: person.email })
    assert.match(await tokenMailed(server, { to: person.email, subject: reset }, asked), /^[0-9a-f]{64}$/)
    const unknown = await assertRejected(404, client.auth.requestNewPassword({ email: freshPerson().email }))
    assert.equal(unknown.data.error_description, 'No account has this email.')

    assert.equal((await client.auth.revoke()).status, 200)
    await assertRejected(401, client.user.retrieve())
    await assertRejected(401, client.auth.sendEmailLink())
    await assertRejected(400, client.auth.retrieveToken({ client_id: defaultClient, refresh_token }))
    const again = newClient(server)
    await assertRejected(400, again.auth.retrieveToken({ client_id: defaultClient, refresh_token }))
  })

  it('refreshes by itself when a mail is asked for with a token that has expired', async () => {
    const { email, refresh: refresh_token } = await register(server)
    const client = newClient(server).use('standalone', { refresh_token, client_id: defaultClient })
    await client.user.retrieve()
    server.clock.advance(hour + 1000)
    await tokenMailed(server, { to: email, subject: validation }, () => client.auth.sendEmailLink())
  })

  it('gets no tokens for the token of another client, and does not ask for ever', async () => {
    const { refresh: refresh_token } = await register(server, { client: webClient })
    const client = newClient(server)
    await assertRejected(400, client.auth.retrieveToken({ client_id: defaultClient, refresh_token }))
    const { data } = await client.auth.retrieveToken({ client_id: webClient, refresh_token })
    assert.equal(data.refresh_token, refresh_token)
  })

  it('is served beside the command line of PM2, which registers by POST and signs in with a password', async () => {
    const person = freshPerson()
    const json = { ...registration(person), password_confirmation: person.password }
    const headers = { 'x-register-provider': 'pm2-register', 'x-client-id': webClient }
    const { body } = await send(server, 'POST', '/register', { json, headers })
    const client_id = webClient
    const client = newClient(server).use('standalone', { refresh_token: body.refresh_token.token, client_id })
    assert.equal((await client.user.retrieve()).data.email, person.email)
    const session = await signIn(server, person)
    assert.equal((await client.auth.revoke()).status, 200)
    assert.equal((await send(server, 'POST', '/revoke', { bearer: session.access })).status, 200)
  })

  it('may call GETs with a body', async () => {
    const { access } = await register(server)
    const headers = { authorization: `Bearer ${access}` }
    const sent = { type: 'application/json;charset=utf-8', body: '{}', headers }
    assert.equal((await getWithBody(`${server.url}/api/bucket`, sent)).status, 200)
    assert.equal((await getWithBody(`${server.url}/api/users/isLogged`, sent)).status, 200)
  })
})
