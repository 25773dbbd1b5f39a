import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertUnauthorized, send, whoAmI } from '../../../dialects/wolfpal/door.ts'
import { execute, select } from '../../../harness/database.ts'
import { freshEmail, onEveryEngine, startTestServer, type TestServer } from '../../../harness/harness.ts'
import { brought, cut, oldToken, rsaKey, secret, takingTokens } from './old-tokens.ts'

const access = `hs256: '${secret}', issuer: old, accessLifetime: 4h`
const yaml = takingTokens({ wolfpal: access, minbil: `hs256: '${secret.split('').reverse().join('')}'` })
const wolfpal = (server: TestServer) => brought(server, { email: freshEmail(), source: 'wolfpal' })

onEveryEngine('an access token of the old server', (engine) => {
  let server: TestServer
  let beside: TestServer
  before(async () => {
    server = await startTestServer(engine, { yaml })
    beside = engine === 'sqlite' ? server : await startTestServer(engine, { yaml, beside: server })
  })
  after(async () => {
    if (beside !== server) await beside.close()
    await server.close()
  })

  it('opens one session when it is shown many times at once on two nodes', async () => {
    const { id, email, subject } = await wolfpal(server)
    const token = oldToken(subject)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => whoAmI(index % 2 ? server : beside, token)),
    )
    for (const answer of answers) assert.equal(answer.body.user?.email, email, answer.text)
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select id from sessions where account_id = '${id}'`,
    )
    assert.equal(rows.length, 1)
  })
})

describe('an old access token', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer('sqlite', { yaml })
  })
  after(() => server.close())

  it('is listed as a session, and dead once that is ended', async () => {
    const { subject } = await wolfpal(server)
    const [mine, other] = [oldToken(subject), oldToken(subject, { jti: 'b' })]
    assert.equal((await whoAmI(server, other)).status, 200)
    const { body } = await send(server, 'GET', '/sessions', { bearer: mine })
    assert.equal(body.total, 2)
    const [, theirs] = body.sessions.toSorted((a: object) => ('accessTokenHash' in a ? -1 : 1))
    await send(server, 'DELETE', `/sessions/${theirs._id}`, { bearer: mine })
    assertUnauthorized(await whoAmI(server, other))
    assert.equal((await whoAmI(server, mine)).status, 200)
  })

  it('is dead with a sign-out', async () => {
    const { subject } = await wolfpal(server)
    const token = oldToken(subject)
    assert.equal((await send(server, 'POST', '/auth/logout', { bearer: token, json: {} })).status, 200)
    assertUnauthorized(await whoAmI(server, token))
  })

  it('is dead with a sign-out everywhere, though it was never shown here', async () => {
    const { subject } = await wolfpal(server)
    const [shown, unseen] = [oldToken(subject), oldToken(subject, { jti: 'b' })]
    assert.equal((await send(server, 'DELETE', '/sessions', { bearer: shown })).status, 200)
    assertUnauthorized(await whoAmI(server, shown))
    assertUnauthorized(await whoAmI(server, unseen))
  })

  it('is dead with a password reset', async () => {
    const { email, subject } = await wolfpal(server)
    await send(server, 'POST', '/user/forgot-password', { json: { email } })
    const { links } = await server.mail(email, /password/i)
    const token = new URL(links[0] ?? '').searchParams.get('token')
    const password = 'another correct horse'
    const reset = await send(server, 'POST', `/user/reset-password/${token}`, {
      json: { password, confirmPassword: password },
    })
    assert.equal(reset.status, 200, reset.text)
    assertUnauthorized(await whoAmI(server, oldToken(subject)))
  })

  it('is good for nobody who is banned', async () => {
    const { id, subject } = await wolfpal(server)
    await execute(server.env.DATABASE_URL ?? '', `update accounts set disabled_at = 1 where id = '${id}'`)
    assertUnauthorized(await whoAmI(server, oldToken(subject)))
  })

  const seconds = Math.floor(cut / 1000)
  const spoiled: [what: string, claims: Record<string, unknown>][] = [
    ['has expired', { exp: seconds }],
    ['never expires', { exp: undefined }],
    ['does not say when it was made', { iat: undefined }],
    ['was made after the cut', { iat: seconds + 60 }],
    ['is not good yet', { nbf: seconds + 7200 }],
    ['lives longer than access tokens do', { exp: seconds + 40 * 3600 }],
    ['is of another issuer', { iss: 'other' }],
    ['is of nobody who was imported', { sub: 'nobody' }],
    ['is an ID token', { typ: 'ID' }],
  ]
  for (const [what, claims] of spoiled) {
    it(`is refused that ${what}`, async () => {
      const { subject } = await wolfpal(server)
      assert.equal((await whoAmI(server, oldToken(subject))).status, 200)
      assertUnauthorized(await whoAmI(server, oldToken(subject, { jti: 'b', ...claims })))
    })
  }

  const forged: [what: string, forge: (subject: string) => string][] = [
    ['nobody has signed', (subject) => oldToken(subject, {}, { algorithm: 'none', key: '' })],
    ['another secret has signed', (subject) => oldToken(subject, {}, { key: `${secret}x` })],
    [
      'wants extensions understood',
      (subject) => oldToken(subject, {}, { header: { crit: ['b64'], b64: true } }),
    ],
    ['has its signature spelled otherwise', (subject) => `${oldToken(subject)}=`],
    [
      'another algorithm has signed',
      (subject) => oldToken(subject, {}, { algorithm: 'RS256', key: rsaKey().privatePem }),
    ],
  ]
  for (const [what, forge] of forged) {
    it(`is refused that ${what}`, async () => {
      const { subject } = await wolfpal(server)
      assertUnauthorized(await whoAmI(server, forge(subject)))
    })
  }

  it('is refused at another door', async () => {
    const { subject } = await brought(server, { email: freshEmail(), source: 'minbil' })
    assertUnauthorized(await whoAmI(server, oldToken(subject)))
    const token = oldToken(subject)
    const answer = await server.request('POST', '/api/co/auth/refresh', { json: { refresh_token: token } })
    assert.equal(answer.status, 401)
  })

  it('gets no refresh token', async () => {
    const { subject } = await wolfpal(server)
    const answer = await send(server, 'POST', '/auth/refresh', { json: { refresh_token: oldToken(subject) } })
    assert.equal(answer.status, 401, answer.text)
  })
})
