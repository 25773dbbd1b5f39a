import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DialectUnderTest } from '../contract/dialect-under-test.ts'
import {
  assertAlive,
  assertEnded,
  assertSuccess,
  openSession,
  type Session,
  signInAgain,
} from '../contract/support.ts'
import { type Answer, claimsOf, type RequestOptions, useServer } from '../harness/harness.ts'
import { credebl } from './credebl/adapter.ts'
import { minbil } from './minbil/adapter.ts'
import { pm2 } from './pm2/adapter.ts'
import { commandLineClient, defaultClient } from './pm2/door.ts'
import { vastly } from './vastly/adapter.ts'
import { post } from './vastly/door.ts'
import { wolfpal } from './wolfpal/adapter.ts'

const paths = new Map([
  [minbil, '/api/co/auth/sign-out'],
  [wolfpal, '/auth/logout'],
  [credebl, '/auth/signout'],
  [pm2, '/api/oauth/revoke'],
])
const cookieOf = ({ refresh }: Session) => `__Secure-minbil-refresh=${refresh}`

describe('signing out', () => {
  const server = useServer('sqlite')
  const leave = (dialect: DialectUnderTest, options: RequestOptions): Promise<Answer> =>
    server.request('POST', paths.get(dialect) ?? '', options)
  const twoSessions = async (dialect: DialectUnderTest) => {
    const session = await openSession(dialect, server)
    return [session, await signInAgain(dialect, server, session)] as const
  }
  const outlive = ({ accessLifetime }: DialectUnderTest) => server.clock.advance(accessLifetime * 1000 + 1000)

  for (const dialect of [minbil, wolfpal, credebl]) {
    describe(`at ${dialect.name}`, () => {
      it('works with an access token that has expired, and ends that session alone', async () => {
        const [session, other] = await twoSessions(dialect)
        outlive(dialect)
        assertSuccess(await leave(dialect, { bearer: session.access }))
        await assertEnded(dialect, server, session)
        dialect.assertError(await leave(dialect, { bearer: session.access }), 401)
        await assertAlive(dialect, server, other)
      })

      it('is refused with an access token that has expired and is forged, or of another door', async () => {
        const session = await openSession(dialect, server)
        const elsewhere = await openSession(dialect === minbil ? wolfpal : minbil, server)
        server.clock.advance(3_601_000)
        for (const bearer of [tampered(session.access), elsewhere.access, 'null'])
          dialect.assertError(await leave(dialect, { bearer }), 401)
        await assertAlive(dialect, server, session)
        await assertAlive(dialect === minbil ? wolfpal : minbil, server, elsewhere)
      })
    })
  }

  for (const dialect of [minbil, wolfpal, pm2]) {
    describe(`at ${dialect.name}`, () => {
      it('works with the refresh token in the body, and ends that session alone', async () => {
        const [session, other] = await twoSessions(dialect)
        outlive(dialect)
        const json = { refresh_token: tampered(session.refresh) }
        for (const bearer of [undefined, 'null'])
          dialect.assertError(await leave(dialect, { bearer, json }), 401)
        assertSuccess(await leave(dialect, { form: { refresh_token: session.refresh } }))
        await assertEnded(dialect, server, session)
        await assertAlive(dialect, server, other)
      })

      it('ends both sessions that two proofs are of, and nobody else’s', async () => {
        const [first, second] = await twoSessions(dialect)
        const stranger = await openSession(dialect, server)
        const json = { refresh_token: second.refresh }
        assertSuccess(await leave(dialect, { bearer: first.access, json }))
        for (const session of [first, second]) await assertEnded(dialect, server, session)
        await assertAlive(dialect, server, stranger)
      })

      it('takes no notice of what is no refresh token beside a good access token', async () => {
        for (const refresh_token of [5, null, '', 'x', { a: 1 }, ['x']]) {
          const session = await openSession(dialect, server)
          assertSuccess(await leave(dialect, { bearer: session.access, json: { refresh_token } }))
          await assertEnded(dialect, server, session)
        }
      })
    })
  }

  describe('at minbil', () => {
    it('works with the cookie alone, which every answer clears', async () => {
      const [session, other] = await twoSessions(minbil)
      outlive(minbil)
      const headers = { cookie: cookieOf(session), authorization: 'Bearer an-expired-one' }
      const out = await leave(minbil, { headers })
      assertSuccess(out)
      assertCleared(out)
      await assertEnded(minbil, server, session)
      await assertAlive(minbil, server, other)

      const json = { 'content-type': 'application/json' }
      const refusals: [number, RequestOptions][] = [
        [401, {}],
        [401, { headers }],
        [401, { bearer: 'nonsense' }],
        [400, { raw: '{"refresh_token":', headers: json }],
        [413, { raw: `"${'x'.repeat(70_000)}"`, headers: json }],
        [415, { raw: 'x', headers: { 'content-type': 'text/plain' } }],
      ]
      for (const [status, options] of refusals) {
        const refused = await leave(minbil, options)
        minbil.assertError(refused, status)
        assertCleared(refused)
      }
    })

    it('ends every session that a cookie is of which comes with several values', async () => {
      const [first, second] = await twoSessions(minbil)
      const cookie = `${cookieOf(first)}; ${cookieOf(second)}; __Secure-minbil-refresh=x`
      assertSuccess(await leave(minbil, { headers: { cookie } }))
      for (const session of [first, second]) await assertEnded(minbil, server, session)
    })

    it('does nothing for a form of a foreign site, which has the browser forget nothing', async () => {
      const session = await openSession(minbil, server)
      const headers = { cookie: cookieOf(session), 'sec-fetch-site': 'cross-site' }
      for (const origin of [undefined, 'null', 'https://evil.example']) {
        const refused = await leave(minbil, { form: {}, headers: { ...headers, ...(origin && { origin }) } })
        minbil.assertError(refused, 401)
        assert.deepEqual(refused.headers.getSetCookie(), [])
      }
      const out = await leave(minbil, { headers: { ...headers, origin: minbil.origin } })
      assertSuccess(out)
      assertCleared(out)
      await assertEnded(minbil, server, session)
    })
  })

  describe('at credebl', () => {
    it('ends by a list, with an access token that has expired, its own session and no other', async () => {
      const [session, other] = await twoSessions(credebl)
      outlive(credebl)
      const idOf = ({ access }: Session) => claimsOf(access).sid
      const leaveOf = (sessions: string[]) => leave(credebl, { bearer: session.access, json: { sessions } })
      credebl.assertError(await leaveOf([idOf(other)]), 401)
      assertSuccess(await leaveOf([idOf(other), idOf(session)]))
      await assertEnded(credebl, server, session)
      await assertAlive(credebl, server, other)
    })
  })

  describe('at pm2', () => {
    it('asks for the client that a refresh token was issued to', async () => {
      const session = await openSession(pm2, server)
      const revoke = (client_id?: string) =>
        leave(pm2, { json: { refresh_token: session.refresh, ...(client_id && { client_id }) } })
      for (const client of [commandLineClient, 'nobody']) pm2.assertError(await revoke(client), 401)
      assertSuccess(await revoke(defaultClient))
      await assertEnded(pm2, server, session)
      pm2.assertError(await revoke(), 404)
    })
  })

  describe('at vastly', () => {
    it('has nothing left to end when the access token is over, as the session is', async () => {
      const session = await openSession(vastly, server)
      outlive(vastly)
      vastly.assertError(await post(server, '/logout', { bearer: session.access }), 401)
    })
  })
})

/** A token with one character in its middle changed. */
function tampered(token: string): string {
  const middle = token.length - 20
  return token.slice(0, middle) + (token[middle] === 'A' ? 'B' : 'A') + token.slice(middle + 1)
}

function assertCleared({ headers }: Answer): void {
  const [cookie = '', ...others] = headers.getSetCookie()
  assert.deepEqual(others, [])
  assert.match(
    cookie,
    /^__Secure-minbil-refresh=; Max-Age=0; Path=\/api\/co\/auth; Expires=Thu, 01 Jan 1970 /,
  )
}
