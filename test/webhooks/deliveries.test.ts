import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { jsonOf, runCommand } from '../harness/command.ts'
import { rowsOnce, select } from '../harness/database.ts'
import { minbil, type Person, registerUnmailed } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import {
  claimsOf,
  createData,
  noPostgres,
  onEveryEngine,
  startTestServer,
  type TestServer,
  useServer,
  useTwoServers,
} from '../harness/harness.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { startProgram } from '../harness/program.ts'
import { addEndpoint, assertSigned, type Receiver, startReceiver, toldOf, toldTimes } from './receiver.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const receivers: Receiver[] = []
after(() => Promise.all(receivers.map((receiver) => receiver.close())))

async function receiver(reply?: Receiver['reply']): Promise<Receiver> {
  const started = await startReceiver(reply)
  receivers.push(started)
  return started
}

type OfServer = Pick<TestServer, 'env' | 'request'>

/** What a command runs on that an operator gives now, by the clock of the server. */
function of({ env, clock }: Pick<TestServer, 'env' | 'clock'>) {
  return { env, now: clock.now }
}

const newPerson = (server: OfServer) => registerUnmailed(server, server.env.DATABASE_URL ?? '')

/** Signs somebody in; returns the ids of the session. */
async function signIn(server: OfServer, person: Person): Promise<string> {
  return claimsOf(minbil.tokensOf(await minbil.signIn(server, person)).access).sid
}

async function idOf({ env }: OfServer, { email }: Person): Promise<string> {
  const [row] = await select(env.DATABASE_URL ?? '', `select id from accounts where email = '${email}'`)
  return String(row?.id)
}

/** Waits until no delivery waits, so that what was not told by then never will be. */
async function endOfDeliveries({ env }: Pick<TestServer, 'env'>, webhook: string): Promise<void> {
  for (const table of [
    'webhook_events',
    `webhook_deliveries where webhook_id = '${webhook}' and ended_at is null`,
  ])
    await rowsOnce(env.DATABASE_URL ?? '', {
      what: 'the end of all deliveries',
      statement: `select 1 from ${table}`,
      areWanted: (rows) => rows.length === 0,
    })
}

/** Waits until every attempt that runs has ended and been written down. */
async function endOfAttempts({ env }: Pick<TestServer, 'env'>, webhook: string): Promise<void> {
  await rowsOnce(env.DATABASE_URL ?? '', {
    what: 'the end of all attempts',
    statement: `select 1 from jobs where target = '${webhook}' and leased_until is not null`,
    areWanted: (rows) => rows.length === 0,
  })
}

const deliveriesTo = (server: Pick<TestServer, 'env' | 'clock'>, id: string, ...options: string[]) =>
  jsonOf(of(server), ['webhook', 'deliveries', id, ...options])

/** Removes the endpoint once the test is over, so that the next one is alone. */
async function withEndpoint(
  server: TestServer,
  { url, events }: { url: string; events?: string[] },
  work: (endpoint: { id: string; secret: string }) => Promise<void>,
): Promise<void> {
  const endpoint = await addEndpoint(server, { url, ...(events && { events }) })
  try {
    await work(endpoint)
  } finally {
    await jsonOf(of(server), ['webhook', 'remove', endpoint.id])
    await server.maintain()
  }
}

onEveryEngine('an endpoint', (engine) => {
  const server = useServer(engine)

  it('is told what happens by requests that the library takes, and of nothing else than it asked for', async () => {
    const app = await receiver(() => ({ status: 202, body: `taken${'.'.repeat(3_000)}` }))
    const types = ['account.created', 'session.*']
    await withEndpoint(server, { url: app.url, events: types }, async ({ id, secret }) => {
      const person = await newPerson(server)
      const accountId = await idOf(server, person)
      const sessionId = await signIn(server, person)
      assert.notEqual((await minbil.signIn(server, { ...person, password: 'another one' })).status, 200)
      const [created = assert.fail(), opened = assert.fail()] = [
        await toldOf(app, 'account.created'),
        await toldOf(app, 'session.opened'),
      ]
      await endOfDeliveries(server, id)
      for (const told of app.told) assertSigned(told, secret, 'machine')
      assert.equal(app.told.length, 2)
      const { timestamp, data, type } = opened.payload
      assert.equal(opened.headers['content-type'], 'application/json')
      assert.ok(Math.abs(Date.parse(timestamp) - server.clock.now()) < minute)
      const [row] = await select(
        server.env.DATABASE_URL ?? '',
        `select id from audit where event = 'sign_in' and session_id = '${sessionId}'`,
      )
      const client = { dialect: 'minbil', clientId: 'minbil' }
      assert.deepEqual(
        { type, ...data, clientId: 'minbil' },
        {
          type: 'session.opened',
          realm: 'main',
          eventId: row?.id,
          accountId,
          sessionId,
          ...client,
          method: 'password',
        },
      )
      assert.equal(created.payload.data.accountId, accountId)
      assert.ok(!app.told.some(({ body }) => body.includes(person.email)))

      const [delivery] = await jsonOf(of(server), ['webhook', 'delivery', opened.id])
      assert.deepEqual([delivery.state, delivery.attempts.length], ['delivered', 1])
      assert.deepEqual(delivery.payload, opened.payload)
      const [{ status, answer }] = delivery.attempts
      assert.deepEqual([status, answer.length, answer.startsWith('taken.')], [202, 2_048, true])
    })
  })

  it('that is down for an hour is told everything once it is up, each with the id that it had', async () => {
    const app = await receiver(() => ({ status: 503, body: 'later' }))
    await withEndpoint(server, { url: app.url, events: ['session.opened'] }, async ({ id }) => {
      const person = await newPerson(server)
      const sessions = [
        await signIn(server, person),
        await signIn(server, person),
        await signIn(server, person),
      ]
      await toldTimes(app, 2)
      await endOfAttempts(server, id)
      for (let passed = 0; passed < hour; passed += 10 * minute) {
        const before = app.told.length
        server.clock.advance(10 * minute)
        await toldTimes(app, before + 1)
        await endOfAttempts(server, id)
      }
      const [shown] = await jsonOf(of(server), ['webhook', 'show', id])
      assert.deepEqual([shown.state, shown.last24Hours.delivered], ['failing', 0])
      const idsBefore = new Map(app.told.map((told) => [told.payload.data.sessionId, told.id]))
      const failures = app.told.length
      app.reply = () => ({ status: 200 })
      server.clock.advance(hour)
      await endOfDeliveries(server, id)
      const arrived = app.told.slice(failures)
      assert.deepEqual(
        [...new Set(arrived.map(({ payload }) => payload.data.sessionId))].sort(),
        [...sessions].sort(),
      )
      for (const { id, payload } of arrived) assert.equal(id, idsBefore.get(payload.data.sessionId) ?? id)
      const [up] = await jsonOf(of(server), ['webhook', 'show', id])
      assert.deepEqual([up.state, up.failingSince, up.last24Hours.delivered], ['working', undefined, 3])
    })
  })

  it('that fails for three days is a dead letter, which is sent again by hand', async () => {
    const app = await receiver(() => ({ status: 500, body: 'broken' }))
    await withEndpoint(server, { url: app.url, events: ['session.opened'] }, async ({ id }) => {
      const person = await newPerson(server)
      await signIn(server, person)
      await toldTimes(app, 1)
      await endOfAttempts(server, id)
      server.clock.advance(3 * day + minute)
      await endOfDeliveries(server, id)
      const [failed] = await deliveriesTo(server, id, '--state', 'failed')
      assert.deepEqual([failed.lastStatus, failed.attempts], [500, app.told.length])
      app.reply = () => ({ status: 200 })
      const resent = await jsonOf(of(server), ['webhook', 'resend', id, '--failed', '--since', '1h'])
      assert.deepEqual(resent, [{ resent: 1 }])
      server.clock.advance(0)
      await endOfDeliveries(server, id)
      assert.equal(new Set(app.told.map((told) => told.id)).size, 1)
      const told = app.told.length
      await jsonOf(of(server), ['webhook', 'resend', failed.id])
      server.clock.advance(0)
      const [again] = (await toldTimes(app, told + 1)).slice(told)
      assert.equal(again?.id, failed.id)
      await endOfDeliveries(server, id)
    })
  })

  it('is signed to by both secrets while one replaces the other, and by none that has ended', async () => {
    const app = await receiver()
    await withEndpoint(server, { url: app.url }, async ({ id, secret }) => {
      const [{ secret: next }] = await jsonOf(of(server), ['webhook', 'secret', id])
      const test = async () => {
        const told = app.told.length
        await jsonOf(of(server), ['webhook', 'test', id])
        server.clock.advance(0)
        return (await toldTimes(app, told + 1))[told] ?? assert.fail()
      }
      const overlapping = await test()
      assert.equal(overlapping.payload.type, 'webhook.test')
      for (const good of [secret, next]) assertSigned(overlapping, good, 'any')
      server.clock.advance(day + minute)
      const later = await test()
      assertSigned(later, next)
      assert.throws(() => assertSigned(later, secret), /another secret/)
      const [{ secret: last }] = await jsonOf(of(server), ['webhook', 'secret', id, '--overlap', '0'])
      const alone = await test()
      assertSigned(alone, last)
      assert.throws(() => assertSigned(alone, next), /another secret/)
    })
  })

  it('that says it is gone is paused, and is told what it has missed when it is resumed', async () => {
    const app = await receiver(() => ({ status: 410 }))
    await withEndpoint(server, { url: app.url, events: ['session.opened'] }, async ({ id }) => {
      const person = await newPerson(server)
      const first = await signIn(server, person)
      await toldTimes(app, 1)
      const statement = 'select 1 from webhooks where paused_at is not null'
      const areWanted = ([row]: object[]) => row
      await rowsOnce(server.env.DATABASE_URL ?? '', { what: 'a pause', statement, areWanted })
      const [shown] = await jsonOf(of(server), ['webhook', 'show', id])
      assert.deepEqual([shown.state, shown.pausedWhy], ['paused', 'gone'])
      const second = await signIn(server, person)
      await eventually('two that wait', async () =>
        (await deliveriesTo(server, id, '--state', 'queued')).length === 2 ? true : undefined,
      )
      assert.equal(app.told.length, 1)
      app.reply = () => ({ status: 204 })
      await jsonOf(of(server), ['webhook', 'resume', id])
      server.clock.advance(0)
      await toldTimes(app, 3)
      await endOfDeliveries(server, id)
      const [before, ...told] = app.told
      assert.deepEqual(told.map(({ payload }) => payload.data.sessionId).sort(), [first, second].sort())
      assert.ok(told.some((again) => again.id === before?.id))
    })
  })

  it('leaves nothing of a person who is deleted, and is told of the deletion', async () => {
    const app = await receiver(({ payload }) =>
      payload.type === 'session.ended'
        ? { status: 500 }
        : { status: 200, body: `of ${payload.data.accountId}` },
    )
    await withEndpoint(server, { url: app.url }, async ({ id }) => {
      const person = await newPerson(server)
      const accountId = await idOf(server, person)
      await signIn(server, person)
      await toldOf(app, 'session.opened')
      const { code, stderr } = await runCommand(of(server), ['account', 'delete', person.email, '--yes'])
      assert.equal(code, 0, stderr)
      server.clock.advance(0)
      const deleted = await toldOf(app, 'account.deleted')
      assert.equal(deleted.payload.data.accountId, accountId)
      await endOfDeliveries(server, id)
      for (const table of ['webhook_events', 'webhook_deliveries', 'webhook_attempts', 'jobs']) {
        const rows = await select(server.env.DATABASE_URL ?? '', `select * from ${table}`)
        assert.ok(!JSON.stringify(rows).includes(accountId), table)
      }
      const resent = await runCommand(of(server), ['webhook', 'resend', deleted.id])
      assert.equal(resent.code, 1)
    })
  })

  it('is forgotten with what it was told, and its log is kept for a month', async () => {
    const app = await receiver()
    await withEndpoint(server, { url: app.url }, async ({ id }) => {
      await jsonOf(of(server), ['webhook', 'test', id])
      server.clock.advance(0)
      await toldTimes(app, 1)
      await endOfDeliveries(server, id)
      assert.equal((await deliveriesTo(server, id)).length, 1)
      server.clock.advance(31 * day)
      await server.maintain()
      assert.deepEqual(await deliveriesTo(server, id), [])
      await jsonOf(of(server), ['webhook', 'test', id])
    })
    for (const table of ['webhooks', 'webhook_secrets', 'webhook_deliveries', 'webhook_attempts'])
      assert.deepEqual(await select(server.env.DATABASE_URL ?? '', `select * from ${table}`), [], table)
  })
})

describe('an endpoint on sqlite alone', () => {
  const server = useServer('sqlite')

  it('that hangs holds up neither another one nor mails', async () => {
    const [silent, quick] = [await receiver(() => undefined), await receiver()]
    const events = ['session.opened']
    await addEndpoint(server, { url: silent.url, events })
    const { id } = await addEndpoint(server, { url: quick.url, events })
    const person = await newPerson(server)
    for (let count = 0; count < 20; count++) await signIn(server, person)
    await toldTimes(quick, 20)
    await server.request('POST', '/auth/verification-mail', { json: { email: 'quick@example.com' } })
    await server.mail('quick@example.com', /^Confirm/)
    assert.equal(silent.told.length, 2)
    await endOfDeliveries(server, id)
    await silent.close()
  })

  it('says nothing to the terminal that its answers are shown at', async () => {
    const app = await receiver(() => ({ status: 200, body: '\x1b]0;mine\x07\x9b2J\nstate      failed' }))
    await withEndpoint(server, { url: app.url, events: ['webhook.test'] }, async ({ id }) => {
      const [{ delivery }] = await jsonOf(of(server), ['webhook', 'test', id])
      await toldTimes(app, 1)
      await endOfDeliveries(server, id)
      const { stdout } = await runCommand(of(server), ['webhook', 'delivery', delivery])
      assert.match(stdout, /^answer +\\x1b\]0;mine\\x07\\x9b2J\\x0astate {6}failed$/m)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: there are to be none
      assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/)
    })
  })

  it('leads nobody elsewhere by a redirect', async () => {
    const [app, elsewhere] = [await receiver(), await receiver()]
    app.reply = () => ({ status: 308, headers: { location: elsewhere.url } })
    await withEndpoint(server, { url: app.url }, async ({ id }) => {
      const [{ delivery }] = await jsonOf(of(server), ['webhook', 'test', id])
      server.clock.advance(0)
      await toldTimes(app, 1)
      const shown = await eventually('a failure', async () => {
        const [shown] = await jsonOf(of(server), ['webhook', 'delivery', delivery])
        return shown.attempts.length > 0 ? shown : undefined
      })
      assert.equal(shown.lastError, 'the endpoint has answered 308')
      assert.deepEqual(elsewhere.told, [])
    })
  })
})

describe('a server that may not tell private addresses', () => {
  const server = useServer('sqlite', {
    yaml: 'realms: { main: { webhooks: { allowPrivateAddresses: false } } }',
  })

  it('takes no endpoint without TLS, and asks none at a private address', async () => {
    const plain = await runCommand(of(server), ['webhook', 'add', 'http://app.example.com/'])
    assert.equal(plain.code, 1)
    assert.match(plain.stderr, /^the URL must begin with https:\/\//)
    const app = await receiver()
    const { port } = new URL(app.url)
    for (const host of ['localhost', '[::ffff:10.0.0.1]', '169.254.169.254']) {
      const { id } = await addEndpoint(server, { url: `https://${host}:${port}/` })
      await jsonOf(of(server), ['webhook', 'test', id])
      for (let attempts = 1; attempts <= 3; attempts++) {
        server.clock.advance(hour)
        await rowsOnce(server.env.DATABASE_URL ?? '', {
          what: `attempt ${attempts}`,
          statement: `select 1 from webhook_attempts where number = ${attempts}
            and delivery_id in (select id from webhook_deliveries where webhook_id = '${id}')`,
          areWanted: ([row]) => row,
        })
        await endOfAttempts(server, id)
      }
      const [delivery] = await deliveriesTo(server, id, '--state', 'failed')
      assert.equal(delivery.lastError, 'the address is one to which no request may go')
    }
    assert.deepEqual(app.told, [])
  })
})

describe('endpoints of nodes with one PostgreSQL', { skip: noPostgres }, () => {
  const { first, second } = useTwoServers()

  it('are told of each event by one delivery, whichever node it happens at', async () => {
    const app = await receiver()
    const { id } = await addEndpoint(first, { url: app.url, events: ['session.opened'] })
    await second.maintain()
    const person = await newPerson(first)
    const sessions = await Promise.all(
      Array.from({ length: 60 }, (_, index) => signIn(index % 2 ? first : second, person)),
    )
    await toldTimes(app, 60)
    await endOfDeliveries(first, id)
    assert.deepEqual(app.told.map(({ payload }) => payload.data.sessionId).sort(), sessions.sort())
    assert.equal(new Set(app.told.map((told) => told.id)).size, 60)
  })

  it('are told again, with the same id, when the node that told them is killed', async () => {
    const data = await createData('postgres')
    const env = { ...data.env, MANYDOORS_SECRET: sampleKey(7).toString('base64') }
    const app = await receiver(() => undefined)
    const node = await startProgram(env)
    try {
      const { secret } = await addEndpoint({ env }, { url: app.url, events: ['webhook.test'] })
      const [{ id }] = await jsonOf({ env }, ['webhook', 'list'])
      await jsonOf({ env }, ['webhook', 'test', id])
      await toldTimes(app, 1)
      await node.kill()
      app.reply = () => ({ status: 200 })
      const other = await startTestServer('postgres', { env })
      try {
        other.clock.advance(minute)
        const [lost = assert.fail(), again = assert.fail()] = await toldTimes(app, 2)
        assert.equal(again.id, lost.id)
        assert.equal(again.body, lost.body)
        assertSigned(again, secret)
        await endOfDeliveries(other, id)
      } finally {
        await other.close()
      }
    } finally {
      await node.kill()
      await data.drop()
    }
  })
})
