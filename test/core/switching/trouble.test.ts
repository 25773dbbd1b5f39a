import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { adapters } from '../../dialects/adapters.ts'
import { register } from '../../harness/doors.ts'
import { freshEmail, startTestServer, type TestServer } from '../../harness/harness.ts'
import { bring, keptPassword, switchingTo } from '../../harness/old-server.ts'
import { sendJson, useFakeServer } from '../../upstream/fake-server.ts'

const password = 'some password'
const [minbil = assert.fail()] = adapters

const troubles: Record<string, (response: ServerResponse) => void> = {
  fails: (response) => sendJson(response, 500, { error: 'secret of the old server' }),
  'has had enough': (response) => sendJson(response, 429, {}, { 'retry-after': '17' }),
  'answers in HTML': (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
  'points elsewhere': (response) =>
    void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  'breaks off': (response) => response.destroy(),
}

describe('while the old server is in trouble', () => {
  const fake = useFakeServer()
  let server: TestServer
  before(async () => {
    server = await startTestServer('sqlite', { yaml: switchingTo(fake.origin), limits: 'real' })
  })
  after(() => server?.close())

  for (const door of adapters) {
    it(`nobody who waits for it is called wrong at ${door.name}, and who does not wait gets in`, async () => {
      const settled = await register(server)
      const email = freshEmail()
      await bring(server, { email, pending: door.name })
      for (const [trouble, answer] of Object.entries(troubles)) {
        fake.answer = answer
        const { answer: refused } = await door.signIn(server, { email, password })
        door.assertError(refused, 503)
        const wait = refused.headers.get('retry-after') ?? ''
        assert.match(wait, /^[1-9]\d*$/, trouble)
        assert.ok(trouble !== 'has had enough' || door.name === 'credebl' || wait === '17', wait)
        assert.doesNotMatch(refused.text, /secret of the old server/)
        assert.ok((await door.signIn(server, settled)).tokens, trouble)
      }
      await server.restart()
    })
  }

  it('attempts are given back, of those who wait and of names that nobody has', async () => {
    fake.answer = troubles['has had enough'] ?? assert.fail()
    const waiting = freshEmail()
    await bring(server, { email: waiting, pending: 'minbil' })
    for (const email of [waiting, freshEmail()]) {
      for (let attempt = 0; attempt < 30; attempt++)
        assert.equal((await minbil.signIn(server, { email, password })).answer.status, 503)
    }
  })

  it('attempts stay counted of what it does not understand', async () => {
    fake.answer = (response) => sendJson(response, 418, {})
    const email = freshEmail()
    await bring(server, { email, pending: 'minbil' })
    const statuses: number[] = []
    for (let attempt = 0; attempt < 30; attempt++)
      statuses.push((await minbil.signIn(server, { email, password })).answer.status)
    assert.equal(statuses[0], 503)
    assert.equal(statuses.at(-1), 429)
  })

  it('attempts stay counted of those who do not wait', async () => {
    fake.answer = troubles['has had enough'] ?? assert.fail()
    const { email } = await register(server)
    const statuses: number[] = []
    for (let attempt = 0; attempt < 30; attempt++)
      statuses.push((await minbil.signIn(server, { email, password })).answer.status)
    assert.equal(statuses[0], 401)
    assert.equal(statuses.at(-1), 429)
  })
})

describe('the old server', () => {
  const fake = useFakeServer()
  let server: TestServer
  before(async () => {
    server = await startTestServer('sqlite', { yaml: switchingTo(fake.origin) })
  })
  after(() => server?.close())
  const bodies = () => fake.asked.flatMap(({ body }) => (body === '' ? [] : [JSON.parse(body)]))
  const wrong = () => {
    fake.answer = (response) => sendJson(response, 401, { code: 'invalid_credentials' })
  }

  it('is not asked while nobody waits for it', async () => {
    wrong()
    const person = await register(server)
    await minbil.signIn(server, { ...person, password })
    await minbil.signIn(server, { email: freshEmail(), password })
    assert.deepEqual(fake.asked, [])
  })

  it('is told the password of those who wait for it alone, and asked as often about all', async () => {
    wrong()
    const [waiting, other] = [freshEmail(), freshEmail()]
    const settled = await register(server)
    await bring(server, { email: waiting, pending: 'minbil' })
    await bring(server, { email: other, pending: 'credebl' })
    const typed = [waiting.toUpperCase(), other, settled.email, freshEmail()]
    for (const email of typed)
      assert.equal((await minbil.signIn(server, { email, password })).answer.status, 401)
    assert.deepEqual(
      bodies().map(({ email }) => email),
      typed,
    )
    assert.deepEqual(
      bodies().map((body) => body.password === password),
      [true, false, false, false],
    )
    for (const body of bodies()) assert.equal(body.password.length, password.length)
    assert.deepEqual(
      fake.asked.map(({ headers }) => headers['x-forwarded-for']),
      typed.map(() => '127.0.0.1'),
    )
  })

  it('is not asked about a right password of an account that does not wait', async () => {
    wrong()
    const settled = await register(server)
    assert.ok((await minbil.signIn(server, settled)).tokens)
    assert.deepEqual(fake.asked, [])
  })

  it('is asked with the characters that were typed, and nothing of them is logged', async () => {
    const email = freshEmail()
    await bring(server, { email, pending: 'minbil' })
    fake.answer = (response) =>
      sendJson(response, 200, {
        access_token: 'its-token',
        user: { id: 'x', email, email_confirmed_at: null },
      })
    const typed = 'u\u0308ber the bridge'
    assert.ok((await minbil.signIn(server, { email, password: typed })).tokens)
    assert.equal(bodies()[0].password, typed)
    assert.ok((await minbil.signIn(server, { email, password: '\u00fcber the bridge' })).tokens)
    assert.ok((await keptPassword(server, email))?.hash)
    assert.doesNotMatch(JSON.stringify(server.log), /bridge|its-token/)
  })
})
