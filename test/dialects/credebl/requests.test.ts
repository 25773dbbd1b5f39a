import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { untilLimited } from '../../contract/support.ts'
import { register } from '../../harness/doors.ts'
import { type Answer, freshEmail, useServer } from '../../harness/harness.ts'
import { assertFailure, assertSuccess, isSignedIn, post, refresh, signIn } from './door.ts'

describe('credebl, whatever is sent', () => {
  const server = useServer('sqlite')

  it('ignores fields that it does not know', async () => {
    const person = await register(server)
    const json = { ...person, isPasswordEncrypted: null, orgId: { x: 1 }, sessions: 5 }
    assert.equal((await post(server, '/signin', { json })).status, 200)
  })

  it('ignores a bad Authorization header on public routes', async () => {
    const person = await register(server)
    for (const authorization of ['Bearer null', 'Bearer nonsense', 'Basic eDp5']) {
      const headers = { authorization }
      assert.equal((await post(server, '/signin', { json: person, headers })).status, 200)
      const json = { email: person.email }
      assert.equal((await post(server, '/forgot-password', { json, headers })).status, 200)
      assert.equal((await post(server, '/verification-mail', { json, headers })).status, 201)
    }
  })

  it('reads urlencoded bodies as it reads JSON', async () => {
    const { email, password } = await register(server)
    const form = { email, password, isPasswordEncrypted: 'false' }
    const signedIn = await post(server, '/signin', { form })
    assert.equal(signedIn.status, 200)
    const { access_token: bearer, refresh_token: refreshToken, sessionId } = signedIn.body.data
    assert.equal((await post(server, '/refresh-token', { form: { refreshToken } })).status, 200)
    const out = await post(server, '/signout', { raw: '', bearer })
    assertSuccess(out, 200, 'User logout successfully')
    assert.ok(sessionId)
  })

  it('reads lists in forms as axios writes them', async () => {
    const person = await register(server)
    const [stays, first, second] = [
      await signIn(server, person),
      await signIn(server, person),
      await signIn(server, person),
    ]
    const signOut = (form: Record<string, string>) => post(server, '/signout', { form, bearer: stays.access })
    assert.equal((await signOut({ 'sessions[]': first.sessionId })).status, 200)
    assert.equal(await isSignedIn(server, first.access), false)
    assert.equal((await signOut({ sessions: second.sessionId.toUpperCase() })).status, 200)
    assert.equal(await isSignedIn(server, second.access), false)
    assert.equal(await isSignedIn(server, stays.access), true)
  })

  it('says that one is not signed in before it says what is wrong with the body', async () => {
    const headers = { 'content-type': 'application/json' }
    for (const raw of ['{"sessions": ', '{"sessions":5}'])
      assertFailure(await post(server, '/signout', { raw, headers }), 401, 'Unauthorized')
  })

  it('takes an empty body that is labelled as JSON', async () => {
    const { access } = await signIn(server, await register(server))
    const headers = { 'content-type': 'application/json' }
    const out = await post(server, '/signout', { raw: '', headers, bearer: access })
    assertSuccess(out, 200, 'User logout successfully')
  })

  it('refuses bodies that it cannot read, and says no more than that they are no JSON', async () => {
    const headers = { 'content-type': 'application/json' }
    for (const raw of ['{"email": ', 'email=x'])
      assertFailure(await post(server, '/signin', { raw, headers }), 400, 'The request is not valid JSON')
    for (const json of [[], 'text', 5])
      assertFailure(await post(server, '/signin', { json }), 400, 'The request could not be read')
    const plain = await post(server, '/signin', { raw: 'x', headers: { 'content-type': 'text/plain' } })
    assertFailure(plain, 415, 'Send application/json or application/x-www-form-urlencoded')
    const large = await post(server, '/signin', { json: { email: 'x'.repeat(64 * 1024) } })
    assertFailure(large, 413, 'The request is too large')
  })

  it('answers unknown routes of its own in its own words', async () => {
    for (const path of ['/v1/auth/nowhere', '/v1/users/nowhere', '/users/nowhere'])
      assertFailure(await server.request('GET', path), 404, 'There is nothing here')
    assertFailure(await server.request('GET', '/v1/auth/signin'), 404, 'There is nothing here')
  })
})

describe('credebl with limits', () => {
  const server = useServer('sqlite', { limits: 'real' })

  const assertLimited = (answer: Answer) => assertFailure(answer, 429, 'Too many requests. Try again later')

  it('limits wrong passwords, known and unknown accounts alike', async () => {
    const { email } = await register(server)
    for (const json of [{ email }, { email: freshEmail() }].map((one) => ({ ...one, password: 'wrong' })))
      assertLimited(await untilLimited(() => post(server, '/signin', { json }), 401))
  })

  it('limits mails, known and unknown accounts alike', async () => {
    const { email } = await register(server)
    for (const json of [{ email }, { email: freshEmail() }]) {
      assertLimited(await untilLimited(() => post(server, '/forgot-password', { json }), 200))
      assertLimited(await untilLimited(() => post(server, '/verification-mail', { json }), 201))
    }
  })

  it('limits refresh tokens that are not good', async () => {
    assertLimited(await untilLimited(() => refresh(server, 'nonsense'), 401))
  })
})
