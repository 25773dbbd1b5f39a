import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { refresh, send, tokensOf, whoAmI } from '../../../dialects/wolfpal/door.ts'
import { execute, select } from '../../../harness/database.ts'
import {
  type Answer,
  freshEmail,
  onEveryEngine,
  startTestServer,
  type TestServer,
} from '../../../harness/harness.ts'
import { bringSession, brought, cut, oldToken, secret, takingTokens } from './old-tokens.ts'

const key = `hs256: '${secret}', issuer: old`
const yaml = takingTokens({
  wolfpal: `${key}, accessLifetime: 4h, sessions: imported`,
  minbil: `${key}, accessLifetime: 2h, sessions: signed`,
})

/** Somebody who was imported with a session. */
async function withSession(server: TestServer, options: { lifeMs?: number } = {}) {
  const person = await brought(server, { email: freshEmail(), source: 'wolfpal' })
  const token = `${person.subject}-${randomUUID()}`
  await bringSession(server, { id: person.id, source: 'wolfpal', token, ...options })
  return { ...person, token }
}

function assertRefused(answer: Answer): void {
  assert.equal(answer.status, 401, answer.text)
  assert.equal(answer.body.access_token, undefined)
}

async function sessionsOf(server: TestServer, id: string): Promise<unknown[]> {
  return select(server.env.DATABASE_URL ?? '', `select id from sessions where account_id = '${id}'`)
}

const minbil = (server: TestServer, refresh_token: string) =>
  server.request('POST', '/api/co/auth/refresh', { json: { refresh_token } })

onEveryEngine('a refresh token of the old server', (engine) => {
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

  it('opens one session when it was imported and two nodes are shown it at once', async () => {
    const { id, token } = await withSession(server)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => refresh(index % 2 ? server : beside, token)),
    )
    const given = new Set(answers.map((answer) => tokensOf(answer).refresh))
    assert.equal(given.size, 1)
    assert.equal((await sessionsOf(server, id)).length, 1)
  })

  it('opens one session when it is signed and two nodes are shown it at once', async () => {
    const { id, subject } = await brought(server, { email: freshEmail(), source: 'minbil' })
    const token = oldToken(subject)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => minbil(index % 2 ? server : beside, token)),
    )
    const given = new Set(answers.map((answer) => tokensOf(answer).refresh))
    assert.equal(given.size, 1)
    assert.equal((await sessionsOf(server, id)).length, 1)
  })

  it('and whatever ends all sessions: one of them comes first, and none is left', async () => {
    const { id, subject, token } = await withSession(server)
    const [everywhere, answer] = await Promise.all([
      send(beside, 'DELETE', '/sessions', { bearer: oldToken(subject) }),
      refresh(server, token),
    ])
    assert.equal(everywhere.status, 200, everywhere.text)
    if (answer.status === 200) assert.equal((await whoAmI(server, tokensOf(answer).access)).status, 401)
    assertRefused(await refresh(server, token))
    const live = await select(
      server.env.DATABASE_URL ?? '',
      `select id from sessions where account_id = '${id}' and ended_at is null`,
    )
    assert.deepEqual(live, [])
  })
})

describe('an old refresh token', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer('sqlite', { yaml })
  })
  after(() => server.close())

  it('that was imported is exchanged for tokens of ours', async () => {
    const { email, token } = await withSession(server)
    const { access, refresh: ours } = tokensOf(await refresh(server, token))
    assert.equal((await whoAmI(server, access)).body.user.email, email)
    assert.notEqual(ours, token)
    tokensOf(await refresh(server, ours))
  })

  it('that was exchanged is taken for stolen when it is shown again later', async () => {
    const { token } = await withSession(server)
    const { access, refresh: ours } = tokensOf(await refresh(server, token))
    assert.equal(tokensOf(await refresh(server, token)).refresh, ours)
    server.clock.advance(60_000)
    assertRefused(await refresh(server, token))
    assert.equal((await whoAmI(server, access)).status, 401)
    assertRefused(await refresh(server, ours))
  })

  it('that has expired is refused', async () => {
    const { token } = await withSession(server, { lifeMs: -1 })
    assertRefused(await refresh(server, token))
  })

  it('is worth nothing at another door', async () => {
    const { token } = await withSession(server)
    assertRefused(await minbil(server, token))
    tokensOf(await refresh(server, token))
  })

  it('is dead with a sign-out that it was sent to', async () => {
    const { token } = await withSession(server)
    const out = await send(server, 'POST', '/auth/logout', { json: { refresh_token: token } })
    assert.equal(out.status, 200, out.text)
    assertRefused(await refresh(server, token))
  })

  it('is dead with a password reset', async () => {
    const { email, token } = await withSession(server)
    await send(server, 'POST', '/user/forgot-password', { json: { email } })
    const { links } = await server.mail(email, /password/i)
    const link = new URL(links[0] ?? '').searchParams.get('token')
    const json = { password: 'another correct horse', confirmPassword: 'another correct horse' }
    const reset = await send(server, 'POST', `/user/reset-password/${link}`, { json })
    assert.equal(reset.status, 200, reset.text)
    assertRefused(await refresh(server, token))
  })

  it('is good for nobody who is banned', async () => {
    const { id, token } = await withSession(server)
    await execute(server.env.DATABASE_URL ?? '', `update accounts set disabled_at = 1 where id = '${id}'`)
    assertRefused(await refresh(server, token))
  })

  it('goes with the account', async () => {
    const { id, token } = await withSession(server)
    await execute(
      server.env.DATABASE_URL ?? '',
      `pragma foreign_keys = on; delete from accounts where id = '${id}'`,
    )
    assertRefused(await refresh(server, token))
  })

  it('that is signed is none where it lives no longer than access tokens do', async () => {
    const { subject } = await brought(server, { email: freshEmail(), source: 'minbil' })
    const iat = Math.floor(cut / 1000) - 10
    assertRefused(await minbil(server, oldToken(subject, { iat, exp: iat + 7200 })))
    tokensOf(await minbil(server, oldToken(subject, { iat, exp: iat + 7201 })))
  })

  it('that is signed is good once, however its signature is spelled', async () => {
    const { subject } = await brought(server, { email: freshEmail(), source: 'minbil' })
    const token = oldToken(subject)
    tokensOf(await minbil(server, token))
    server.clock.advance(60_000)
    assertRefused(await minbil(server, token))
    assertRefused(await minbil(server, `${token}=`))
  })

  it('is good until the day that is set, and not longer', async () => {
    const day = 86_400_000
    const [early, late] = [
      await withSession(server, { lifeMs: 60 * day }),
      await withSession(server, { lifeMs: 60 * day }),
    ]
    server.clock.advance(19 * day)
    const { refresh: ours } = tokensOf(await refresh(server, early.token))
    server.clock.advance(day / 2)
    tokensOf(await refresh(server, ours))
    server.clock.advance(2 * day)
    assertRefused(await refresh(server, late.token))
  })
})
