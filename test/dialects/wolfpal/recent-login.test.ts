import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  bringSession,
  brought,
  secret as oldSecret,
  takingTokens,
} from '../../core/switching/tokens/old-tokens.ts'
import { freshEmail, useServer } from '../../harness/harness.ts'
import {
  assertCode,
  confirm,
  disable,
  enrol,
  nextCode,
  refresh,
  registerAndSignIn,
  registerWithSecondFactor,
  send,
  signIn,
  tokensOf,
  whoAmI,
} from './door.ts'

const minute = 60_000
const loginRequired = [403, 'LOGIN_REQUIRED', 'Please log in again before you change two factor.'] as const

describe('a second factor for which a recent login is asked', () => {
  const server = useServer('sqlite', {
    yaml: takingTokens({
      wolfpal: `hs256: '${oldSecret}', issuer: old, accessLifetime: 4h, sessions: imported`,
    }),
    dialects: { wolfpal: { secondFactorNeedsRecentSignIn: true } },
  })

  it('is set up within ten minutes of a login, however fresh the token is', async () => {
    const person = await registerAndSignIn(server)
    server.clock.advance(9 * minute)
    const { secret } = await enrol(server, person.access)
    server.clock.advance(minute + 1000)
    assertCode(await send(server, 'POST', '/account/two-factor', { bearer: person.access }), ...loginRequired)
    assertCode(await confirm(server, person.access, nextCode(server, secret)), ...loginRequired)
    const refreshed = await send(server, 'POST', '/auth/refresh', { json: { refresh_token: person.refresh } })
    const { access_token: bearer } = refreshed.body
    assertCode(await confirm(server, bearer, nextCode(server, secret)), ...loginRequired)

    const { access } = await signIn(server, person)
    assert.equal((await confirm(server, access, nextCode(server, secret))).status, 200)
  })

  it('is not set up by what stands for a login and shows nobody, as a token of an old server does', async () => {
    const { id, subject } = await brought(server, { email: freshEmail(), source: 'wolfpal' })
    const token = `${subject}-token`
    await bringSession(server, { id, source: 'wolfpal', token })
    const { access } = tokensOf(await refresh(server, token))
    assertCode(await send(server, 'POST', '/account/two-factor', { bearer: access }), ...loginRequired)
  })

  it('is removed within ten minutes of a login', async () => {
    const person = await registerWithSecondFactor(server)
    server.clock.advance(10 * minute)
    const [code = ''] = person.backupCodes
    assertCode(await disable(server, person.access, code), ...loginRequired)
    assert.equal((await whoAmI(server, person.access)).body.user.twoFactor, true)
  })
})

describe('a second factor as the clients of the document know it', () => {
  const server = useServer('sqlite')

  it('is set up and removed with an access token, whenever the login was', async () => {
    const person = await registerAndSignIn(server)
    server.clock.advance(25 * minute)
    const { secret } = await enrol(server, person.access)
    assert.equal((await confirm(server, person.access, nextCode(server, secret))).status, 200)
    assert.equal((await disable(server, person.access, nextCode(server, secret))).status, 200)
  })
})
