import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { login, tokensOf } from '../dialects/wolfpal/door.ts'
import { runCommand } from '../harness/command.ts'
import { execute, rowsOnce, select } from '../harness/database.ts'
import { eventually } from '../harness/events.ts'
import {
  createData,
  noPostgres,
  onEveryEngine,
  startTestServer,
  type TestServer,
  useServer,
  useTwoServers,
} from '../harness/harness.ts'
import { buriedJob, failedJob } from '../harness/jobs.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { startProgram } from '../harness/program.ts'
import { addClient, addSessions, endOfTelling, type SignedIn, signIn } from './client-sessions.ts'
import { assertSigned, type Receiver, startReceiver, toldTimes } from './logout-receiver.ts'

/** In milliseconds. */
const lease = 60_000
const firstPause = 5_000

const receivers: Receiver[] = []
after(() => Promise.all(receivers.map((receiver) => receiver.close())))

async function receiver(reply?: Receiver['reply']): Promise<Receiver> {
  const started = await startReceiver(reply)
  receivers.push(started)
  return started
}

/** A client whose server listens there, known to the server. */
async function clientAt(
  server: TestServer,
  uri: string,
  settings: { idTokenAlgorithm?: 'RS256' | 'ES256' } = {},
): Promise<string> {
  const client = await addClient(server, { uri, ...settings })
  await server.maintain()
  return client
}

/** Ends every session of somebody as an operator does, from another process, and has the server look. */
async function endAll(server: TestServer, { email }: Pick<SignedIn, 'email'>): Promise<void> {
  const { code, stderr } = await runCommand(server, ['account', 'sessions', email, '--end-all'])
  assert.equal(code, 0, stderr)
  server.clock.advance(0)
}

const jobsOf = (server: TestServer, { id }: SignedIn) =>
  select(server.env.DATABASE_URL ?? '', `select * from jobs where payload like '%"${id}"%'`)

/** The sessions that a client has been told of, as it knows them. */
const sidsAt = ({ posted }: Receiver) => posted.map(({ claims }) => claims.sid)

/** Waits until an attempt at a client that does not answer has been given up. */
function failureAt(server: TestServer, { uri }: Receiver) {
  return eventually('an attempt that was given up', async () => {
    const [job] = await select(
      server.env.DATABASE_URL ?? '',
      `select last_error from jobs where target = '${new URL(uri).host}' and last_error is not null`,
    )
    return job
  })
}

onEveryEngine('a client of OpenID Connect', (engine) => {
  const server = useServer(engine)

  it('is told of the end of a session by a token that it can check', async () => {
    for (const idTokenAlgorithm of [undefined, 'ES256'] as const) {
      const app = await receiver(() => ({ status: 204 }))
      const client = await clientAt(server, app.uri, { idTokenAlgorithm })
      const person = await signIn(server)
      await addSessions(server, person, { client, sid: 'one' })
      await endAll(server, person)
      const [told = assert.fail()] = await toldTimes(app, 1)
      await endOfTelling(server)
      assert.equal(app.posted.length, 1)
      assert.match(told.headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/)
      await assertSigned(server.url, told.token, idTokenAlgorithm ?? 'RS256')
      const { iat, exp, jti, ...claims } = told.claims
      assert.deepEqual(claims, {
        iss: 'http://localhost:5000',
        aud: client,
        sub: person.id,
        sid: 'one-1',
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      })
      assert.ok(Math.abs(iat * 1000 - server.clock.now()) < 60_000 && exp > iat && exp <= iat + 120)
      assert.match(jti, /^[\da-f-]{36}$/)
    }
  })

  it('is told at once of what this server has ended, whatever has ended it', async () => {
    const app = await receiver()
    const client = await clientAt(server, app.uri)
    const person = await signIn(server)
    await addSessions(server, person, { client, sid: 'changed' })
    const { access } = tokensOf(await login(server, person))
    const answer = await server.request('PUT', '/api/account/change-password', {
      bearer: access,
      json: { oldPassword: person.password, newPassword: 'another 12345678' },
    })
    assert.equal(answer.status, 200, answer.text)
    const [told] = await toldTimes(app, 1)
    assert.equal(told?.claims.sid, 'changed-1')
  })

  it('is told once of each session that has ended, and of no other', async () => {
    const apps = await Promise.all([receiver(), receiver(), receiver()])
    const [person, other] = [await signIn(server), await signIn(server)]
    for (const [index, app] of apps.entries()) {
      const client = await clientAt(server, app.uri)
      await addSessions(server, person, { client, sid: `browser-${index}` })
      await addSessions(server, other, { client, sid: `other-${index}` })
    }
    await endAll(server, person)
    await Promise.all(apps.map((app) => toldTimes(app, 1)))
    await endAll(server, person)
    await endOfTelling(server)
    assert.deepEqual(apps.map(sidsAt), [['browser-0-1'], ['browser-1-1'], ['browser-2-1']])
  })

  it('is told of more than a batch, of those that it knows as one session once', async () => {
    const app = await receiver()
    const client = await clientAt(server, app.uri)
    const person = await signIn(server)
    await addSessions(server, person, { client, sid: 'many', count: 110 })
    await addSessions(server, person, { client, sid: 'twice' })
    await addSessions(server, person, { client, sid: 'twice' })
    await endAll(server, person)
    await toldTimes(app, 111)
    await endOfTelling(server)
    const sids = sidsAt(app)
    assert.deepEqual([sids.length, new Set(sids).size], [111, 111])
  })

  it('is not told while it has another session of that name, and then once', async () => {
    const app = await receiver()
    const client = await clientAt(server, app.uri)
    const person = await signIn(server)
    await addSessions(server, person, { client, sid: 'again' })
    await addSessions(server, person, { client, sid: 'again' })
    await addSessions(server, person, { client, sid: 'else' })
    const url = server.env.DATABASE_URL ?? ''
    const own = `client_id = '${client}' and tell_end = 1`
    const first = `select min(id) from sessions where ${own} and openid like '%again%'`
    await execute(url, `update sessions set ended_at = 1 where id = (${first})`)
    server.clock.advance(0)
    const statement = `select id from sessions where ${own}`
    await rowsOnce(url, { what: 'the first end taken', statement, areWanted: ({ length }) => length === 2 })
    await endOfTelling(server)
    assert.equal(app.posted.length, 0)
    await endAll(server, person)
    await toldTimes(app, 2)
    await endOfTelling(server)
    assert.deepEqual(sidsAt(app).sort(), ['again-1', 'else-1'])
  })

  it('is told before the sessions of a deleted account are gone, and nothing is kept of it', async () => {
    const app = await receiver()
    const client = await clientAt(server, app.uri)
    const person = await signIn(server)
    await addSessions(server, person, { client, sid: 'deleted' })
    const { code, stderr } = await runCommand(server, ['account', 'delete', person.email, '--yes'])
    assert.equal(code, 0, stderr)
    server.clock.advance(0)
    const [told] = await toldTimes(app, 1)
    assert.deepEqual([told?.claims.sub, told?.claims.sid], [person.id, 'deleted-1'])
    await endOfTelling(server)
    assert.deepEqual(await jobsOf(server, person), [])
  })

  it('is told again with a fresh token while it is down, until it hears', async () => {
    const app = await receiver(() => ({ status: 503, body: 'the secret of the client' }))
    const client = await clientAt(server, app.uri)
    const person = await signIn(server)
    await addSessions(server, person, { client, sid: 'down' })
    await endAll(server, person)
    const failed = await failedJob(server, person.id, 1)
    assert.equal(failed.last_error, 'the client has answered 503')
    app.reply = () => ({ status: 200 })
    server.clock.advance(firstPause)
    const [first, second] = await toldTimes(app, 2)
    await endOfTelling(server)
    assert.notEqual(first?.claims.jti, second?.claims.jti)
    assert.ok(second?.claims.iat >= first?.claims.iat + firstPause / 1000)
    assert.equal(second?.claims.sid, 'down-1')
    assert.equal(app.posted.length, 2)
  })

  it('is asked three times, and no more, when it refuses', async () => {
    const app = await receiver(() => ({ status: 400 }))
    const client = await clientAt(server, app.uri)
    const person = await signIn(server)
    await addSessions(server, person, { client, sid: 'refused' })
    await endAll(server, person)
    for (const attempts of [1, 2]) {
      await failedJob(server, person.id, attempts)
      server.clock.advance(2 * firstPause)
    }
    const job = await buriedJob(server, person.id)
    assert.equal(job.last_error, 'the client has answered 400')
    assert.equal(app.posted.length, 3)
    assert.equal(new Set(app.posted.map(({ claims }) => claims.jti)).size, 3)
  })

  it('is told nothing when it is gone, or the session has only run out', async () => {
    const app = await receiver()
    const client = await clientAt(server, app.uri)
    const [person, late] = [await signIn(server), await signIn(server)]
    await addSessions(server, person, { client, sid: 'gone' })
    await addSessions(server, late, { client, sid: 'late' })
    const url = server.env.DATABASE_URL ?? ''
    await execute(url, `update sessions set idle_expires_at = 1 where account_id = '${late.id}'`)
    await execute(url, `delete from clients where id = '${client}'`)
    await server.maintain()
    await endAll(server, person)
    const untold = `select id from sessions where account_id = '${person.id}' and tell_end = 1`
    await rowsOnce(url, { what: 'nobody left to tell', statement: untold, areWanted: ([row]) => !row })
    await endOfTelling(server)
    assert.deepEqual(app.posted, [])
    assert.deepEqual([await jobsOf(server, person), await jobsOf(server, late)], [[], []])
  })

  it('that hangs delays neither others nor mails', async () => {
    const [silent, app] = [await receiver(() => undefined), await receiver()]
    const person = await signIn(server)
    await addSessions(server, person, {
      client: await clientAt(server, silent.uri),
      sid: 'silent',
      count: 40,
    })
    await addSessions(server, person, { client: await clientAt(server, app.uri), sid: 'quick', count: 40 })
    await endAll(server, person)
    await toldTimes(app, 40)
    await server.request('POST', '/auth/verification-mail', { json: { email: 'quick@example.com' } })
    await server.mail('quick@example.com', /^Confirm/)
    assert.equal(silent.posted.length, 2)
    await failureAt(server, silent)
  })

  it('leads nobody elsewhere by a redirect', async () => {
    const [app, elsewhere] = [await receiver(), await receiver()]
    app.reply = () => ({ status: 307, headers: { location: elsewhere.uri } })
    const client = await clientAt(server, app.uri)
    const person = await signIn(server)
    await addSessions(server, person, { client, sid: 'redirected' })
    await endAll(server, person)
    const job = await failedJob(server, person.id, 1)
    assert.equal(job.last_error, 'the client has answered 307')
    assert.deepEqual(elsewhere.posted, [])
  })

  it('is told by another node, with a fresh token, when the first is killed amid it', async () => {
    const data = await createData(engine)
    const app = await receiver(() => undefined)
    const node = await startProgram({ ...data.env, MANYDOORS_SECRET: sampleKey(7).toString('base64') })
    try {
      const killed = { ...node, env: data.env }
      const client = await addClient(killed, { uri: app.uri })
      const person = await signIn(killed)
      await addSessions(killed, person, { client, sid: 'killed' })
      await execute(data.env.DATABASE_URL, 'update sessions set ended_at = 1')
      await toldTimes(app, 1)
      await node.kill()
      app.reply = () => ({ status: 200 })
      const env = { ...data.env, MANYDOORS_SECRET: sampleKey(7).toString('base64') }
      const other = await startTestServer(engine, { env })
      try {
        other.clock.advance(lease)
        const [first, second] = await toldTimes(app, 2)
        assert.equal(second?.claims.sid, first?.claims.sid)
        assert.notEqual(second?.claims.jti, first?.claims.jti)
        await endOfTelling(other)
      } finally {
        await other.close()
      }
    } finally {
      await node.kill()
      await data.drop()
    }
  })
})

describe('two nodes', { skip: noPostgres }, () => {
  const { first, second } = useTwoServers()

  it('tell a client of each session once', async () => {
    const app = await receiver()
    const client = await clientAt(first, app.uri)
    await second.maintain()
    const person = await signIn(first)
    await addSessions(first, person, { client, sid: 'shared', count: 110 })
    await execute(
      first.env.DATABASE_URL ?? '',
      `update sessions set ended_at = 1 where client_id = '${client}'`,
    )
    first.clock.advance(0)
    second.clock.advance(0)
    await toldTimes(app, 110)
    await endOfTelling(first)
    const sids = sidsAt(app)
    assert.deepEqual([sids.length, new Set(sids).size], [110, 110])
  })
})

describe('a server that may not ask private addresses', () => {
  const server = useServer('sqlite', {
    yaml: 'realms: { main: { openid: { allowPrivateAddresses: false } } }',
  })
  let asked: number
  let port: number
  const listener = createServer(() => {
    asked++
  })
  before(async () => {
    asked = 0
    await new Promise<void>((listening) => listener.listen(0, listening))
    port = (listener.address() as { port: number }).port
  })
  after(() => void listener.close())

  for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '169.254.169.254']) {
    it(`tells no client at ${host}`, async () => {
      const client = await clientAt(server, `https://${host}:${port}/logout`)
      const person = await signIn(server)
      await addSessions(server, person, { client, sid: 'private' })
      await endAll(server, person)
      const job = await failedJob(server, person.id, 1)
      assert.equal(
        job.last_error,
        'the client may not be told: the address is one to which no request may go',
      )
      assert.equal(asked, 0)
    })
  }

  it('tells no client without TLS', async () => {
    const client = await clientAt(server, 'http://app.example.com/logout')
    const person = await signIn(server)
    await addSessions(server, person, { client, sid: 'plain' })
    await endAll(server, person)
    const job = await failedJob(server, person.id, 1)
    assert.equal(job.last_error, 'the client may not be told: the address does not begin with https://')
  })
})
