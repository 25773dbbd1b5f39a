import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute } from '../../harness/database.ts'
import { claimsOf, freshEmail, type RequestOptions, useServer } from '../../harness/harness.ts'
import {
  assertCode,
  assertFieldsRefused,
  assertUnauthorized,
  freshPerson,
  invalidCredentials,
  login,
  password,
  refresh,
  register,
  registerAndSignIn,
  send,
  signIn,
  signUp,
  tokensOf,
  whoAmI,
} from './door.ts'

describe('logging in at wolfpal', () => {
  const server = useServer('sqlite')

  it('answers a wrong password and an unknown email alike', async () => {
    const { email } = await register(server)
    const attempts = [
      { email, password: 'wrong-password' },
      { email, password: password.toUpperCase() },
      { email, password: ` ${password}` },
      { email, password: 'x' },
      { email: freshEmail(), password },
    ]
    for (const attempt of attempts) assertCode(await login(server, attempt), ...invalidCredentials)
  })

  it('says that an account waits for its confirmation to those alone who know its password', async () => {
    const person = await signUp(server)
    assertCode(await login(server, { ...person, password: 'wrong-password' }), ...invalidCredentials)
    const text =
      'Your account must be activated before you can do that. Please check your email you signed up with.'
    assertCode(await login(server, person), 400, 'PENDING_CONFIRMATION', text)
  })

  it('knows the email in any case and with blanks around it', async () => {
    const { email } = await register(server)
    tokensOf(await login(server, { email: `\t${email.toUpperCase()} `, password }))
  })

  it('names the fields that are missing or wrong', async () => {
    const attempt = (options: RequestOptions) => send(server, 'POST', '/auth/login', options)
    const missing = { email: 'REQUIRED', password: 'REQUIRED' }
    assertFieldsRefused(await attempt({}), missing)
    assertFieldsRefused(await attempt({ json: {} }), missing)
    assertFieldsRefused(await attempt({ form: {} }), missing)
    assertFieldsRefused(await attempt({ form: { email: '', password: '' } }), missing)
    assertFieldsRefused(await attempt({ json: { email: null, password: null } }), missing)
    assertFieldsRefused(await attempt({ json: { email: 'wolf', password } }), { email: 'INVALID' })
    assertFieldsRefused(await attempt({ json: { email: freshEmail(), password: 5 } }), {
      password: 'INVALID',
    })
    const twice = `email=${freshEmail()}&password=a&password=b`
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    assertFieldsRefused(await attempt({ raw: twice, headers: form }), { password: 'INVALID' })
  })

  it('ignores a bad Authorization header', async () => {
    const person = await register(server)
    for (const authorization of ['Bearer null', 'Bearer undefined', 'Bearer x.y.z', 'Basic eDp5'])
      tokensOf(await login(server, person, { authorization }))
  })

  it('names the field that a refresh lacks', async () => {
    for (const json of [undefined, {}, { refresh_token: null }, { refresh_token: '' }, { refreshToken: 'x' }])
      assertFieldsRefused(await send(server, 'POST', '/auth/refresh', { json }), {
        refresh_token: 'REQUIRED',
      })
    const answer = await send(server, 'POST', '/auth/refresh', { json: { refresh_token: 5 } })
    assertFieldsRefused(answer, { refresh_token: 'INVALID' })
    assert.deepEqual(answer.body.errors, { refresh_token: 'Refresh token is invalid.' })
  })

  it('refuses to refresh with anything but a refresh token of its own', async () => {
    const { email, access, refresh: token } = await registerAndSignIn(server)
    const credebl = await server.request('POST', '/auth/signin', { json: { email, password } })
    const { refresh_token: foreign } = credebl.body.data
    for (const wrong of ['nonsense', access, foreign, `${token}x`, token.slice(0, -2)])
      assertUnauthorized(await refresh(server, wrong))
    tokensOf(await refresh(server, token))
  })

  it('gives the same successor for ten seconds, and then takes it for theft', async () => {
    const { refresh: first } = await registerAndSignIn(server)
    const second = tokensOf(await refresh(server, first))
    assert.equal(tokensOf(await refresh(server, first)).refresh, second.refresh)
    server.clock.advance(10_001)
    assertUnauthorized(await refresh(server, first))
    assertUnauthorized(await refresh(server, second.refresh))
    assertUnauthorized(await whoAmI(server, second.access))
  })

  it('logs one session out', async () => {
    const person = await registerAndSignIn(server)
    const other = await signIn(server, person)
    const answer = await send(server, 'POST', '/auth/logout', { bearer: person.access })
    assertCode(answer, 200, 'LOGGED_OUT', 'You are now logged out.')
    assertUnauthorized(await send(server, 'POST', '/auth/logout', { bearer: person.access }))
    assertUnauthorized(await refresh(server, person.refresh))
    assert.equal((await whoAmI(server, other.access)).status, 200)
    tokensOf(await refresh(server, other.refresh))
  })

  it('refuses to log out without a token of a live session', async () => {
    const { access, refresh: token } = await registerAndSignIn(server)
    assertUnauthorized(await send(server, 'POST', '/auth/logout'))
    for (const bearer of ['null', 'nonsense', token, `${access}x`])
      assertUnauthorized(await send(server, 'POST', '/auth/logout', { bearer }))
    const fresh = tokensOf(await refresh(server, token))
    assert.equal(claimsOf(fresh.access).sid, claimsOf(access).sid)
    assert.equal((await send(server, 'POST', '/auth/logout', { bearer: fresh.access })).status, 200)
  })

  it('answers what it does not serve in its own words', async () => {
    const notFound = [404, 404, 'Whoops, this resource or route could not be found'] as const
    for (const path of [
      '/api/auth',
      '/api/auth/x',
      '/user',
      '/api/user/x/y',
      '/account/x',
      '/api/sessions/a/b',
    ])
      assertCode(await server.request('GET', path), ...notFound)
    assertCode(await server.request('GET', '/api/auth/login'), ...notFound)
    assertCode(await server.request('PATCH', '/account'), ...notFound)
    // Below a prefix that credebl has too, but nobody else has this path.
    assertCode(await server.request('GET', '/auth/login'), ...notFound)
    assertCode(await server.request('GET', '/auth/login/?x=1'), ...notFound)
  })

  it('answers what it cannot read in its own words', async () => {
    for (const path of [
      '/auth/login',
      '/api/auth/login',
      '/user/forgot-password',
      '/api/user/forgot-password',
    ]) {
      const attempt = (raw: string, type: string) =>
        server.request('POST', path, { raw, headers: { 'content-type': type } })
      const json = 'application/json'
      assertCode(await attempt('{"email":', json), 400, 400, 'The request is not valid JSON.')
      assertCode(await attempt('[]', json), 400, 400, 'The request could not be read.')
      assertCode(
        await attempt('email=x', 'text/plain'),
        415,
        415,
        'Send application/json or application/x-www-form-urlencoded.',
      )
      assertCode(await attempt(`"${'x'.repeat(70_000)}"`, json), 413, 413, 'The request is too large.')
    }
  })
})

describe('a crash at wolfpal', () => {
  const server = useServer('sqlite')

  it('says nothing of its cause', async () => {
    const { access } = await registerAndSignIn(server)
    const { DATABASE_URL = '' } = server.env
    await execute(DATABASE_URL, 'alter table totp rename to gone')
    for (const path of ['/account', '/api/account']) {
      const answer = await server.request('GET', path, { bearer: access })
      assertCode(answer, 500, 'INTERNAL_SERVER_ERROR', 'Internal Server Error.')
    }
  })
})

describe('the limits of wolfpal', () => {
  const server = useServer('sqlite', { limits: 'real' })

  it('answer in its words and say when to come back', async () => {
    const person = freshPerson()
    for (let attempt = 0; attempt < 10; attempt++)
      assertCode(await login(server, person), ...invalidCredentials)
    const answer = await login(server, person)
    assertCode(answer, 429, 429, 'Too many requests. Please try again later.')
    const seconds = Number(answer.headers.get('retry-after'))
    assert.ok(seconds > 0 && seconds <= 900, `come back in ${seconds} seconds`)
  })
})
