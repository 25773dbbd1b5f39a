import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { openSession, type Session, signInAgain } from '../../contract/support.ts'
import * as credebl from '../../dialects/credebl/door.ts'
import { wolfpal } from '../../dialects/wolfpal/adapter.ts'
import { execute } from '../../harness/database.ts'
import { type Answer, claimsOf, onEveryEngine, useServer } from '../../harness/harness.ts'
import { copySession, unendedSessions } from '../../harness/stored-sessions.ts'

const many = 10_000
const chrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

onEveryEngine('the stored sessions of an account', (engine) => {
  const server = useServer(engine)
  const list = async ({ access }: Pick<Session, 'access'>): Promise<Answer> => {
    const answer = await server.request('GET', '/sessions', { bearer: access })
    assert.equal(answer.status, 200, answer.text)
    return answer
  }
  const openWith = async (count: number, changes: Record<string, string> = {}): Promise<Session> => {
    const session = await openSession(wolfpal, server)
    const [id = ''] = await unendedSessions(server.env.DATABASE_URL ?? '', session.email)
    await copySession(server.env.DATABASE_URL ?? '', { id, count, changes })
    return session
  }

  it('are listed in full up to a hundred', async () => {
    const { body } = await list(await openWith(99))
    assert.deepEqual([body.sessions.length, body.total], [100, 100])
  })

  const kinds = {
    'that are live': { changes: {}, listed: 100, total: many + 1 },
    'that have ended': {
      changes: { ended_at: 'created_at + 2', ended_why: `'signed_out'` },
      listed: 1,
      total: 1,
    },
    'that have expired': { changes: { idle_expires_at: 'created_at + 2' }, listed: 1, total: 1 },
  }
  for (const [kind, { changes, listed, total }] of Object.entries(kinds)) {
    describe(`ten thousand ${kind}`, () => {
      let session: Session
      before(async () => {
        session = await openWith(many, { created_at: 'created_at + i', ...changes })
      })

      it('are listed up to a hundred, newest first, with their total', async () => {
        const { body } = await list(session)
        assert.deepEqual([body.sessions.length, body.total], [listed, total])
        const times = body.sessions.map(({ createdAt }: { createdAt: string }) => Date.parse(createdAt))
        assert.deepEqual(
          times,
          times.toSorted((a: number, b: number) => b - a),
        )
      })

      it('are at most a hundred after one more sign-in', async () => {
        const newest = await signInAgain(wolfpal, server, session)
        const left = await unendedSessions(server.env.DATABASE_URL ?? '', session.email)
        assert.ok(left.length <= 100, String(left.length))
        const { body } = await list(newest)
        assert.equal(body.total <= 100, true)
        assert.equal(body.sessions.length, body.total)
      })
    })
  }
})

onEveryEngine('the device of a session', (engine) => {
  const server = useServer(engine)
  const databaseUrl = () => server.env.DATABASE_URL ?? ''
  const device = { browser: 'Chrome', version: '140.0.0.0', platform: 'desktop', os: 'Linux', isDev: false }

  it('is parsed from the user agent at sign-in, and shown as parsed', async () => {
    const { email, password } = await openSession(wolfpal, server)
    const signedIn = await server.request('POST', '/auth/login', {
      json: { email, password },
      headers: { 'user-agent': chrome },
    })
    const show = async () => {
      const answer = await server.request('GET', '/sessions', { bearer: signedIn.body.access_token })
      return answer.body.sessions[0].device
    }
    assert.deepEqual(await show(), device)
    await execute(
      databaseUrl(),
      `update sessions set device = '{"browser":"Stored"}' where user_agent = '${chrome}'`,
    )
    assert.deepEqual(await show(), {
      browser: 'Stored',
      version: 'unknown',
      platform: 'unknown',
      os: 'unknown',
      isDev: false,
    })
  })

  it('is parsed at the other door that shows it, too', async () => {
    const person = await credebl.registerAndSignIn(server)
    const show = async () => {
      const { body } = await credebl.listSessions(server, claimsOf(person.access).sub, person.access)
      const { browser, os, deviceType } = JSON.parse(body.data[0].clientInfo)
      return { browser, os, deviceType }
    }
    await execute(
      databaseUrl(),
      `update sessions set device = '{"browser":"Stored","version":"1","os":"Some","osVersion":"2","platform":"tv"}'
       where id = '${person.sessionId}'`,
    )
    assert.deepEqual(await show(), { browser: 'Stored 1', os: 'Some 2', deviceType: 'tv' })
    await execute(
      databaseUrl(),
      `update sessions set device = null, user_agent = null where id = '${person.sessionId}'`,
    )
    assert.deepEqual(await show(), { browser: 'unknown', os: 'unknown', deviceType: 'unknown' })
  })
})
