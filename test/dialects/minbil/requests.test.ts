import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { untilLimited } from '../../contract/support.ts'
import { type Answer, freshEmail, useServer } from '../../harness/harness.ts'
import { assertBody, assertProblem, password, post, refresh, signIn, signUp } from './door.ts'

describe('minbil, whatever is sent', () => {
  const server = useServer('sqlite')

  it('ignores an API key and fields that it does not know', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const answer = await post(server, '/sign-in', {
      json: { email, password, remember: { me: true }, redirect_to: 5 },
      headers: { 'x-api-key': 'YOUR_API_KEY' },
    })
    assert.equal(answer.body.message, 'Login successful.')
  })

  it('ignores a bad Authorization header on public routes', async () => {
    const email = freshEmail()
    for (const authorization of ['Bearer null', 'Bearer nonsense', 'Basic eDp5']) {
      const headers = { authorization }
      const json = { email: freshEmail(), password }
      assert.equal((await post(server, '/sign-up', { json, headers })).status, 201)
      assert.equal((await post(server, '/sign-in', { json, headers })).status, 200)
      assert.equal((await post(server, '/forgot-password', { json: { email }, headers })).status, 200)
    }
  })

  it('reads urlencoded bodies as it reads JSON', async () => {
    const form = { email: freshEmail(), password }
    assert.equal((await post(server, '/sign-up', { form })).status, 201)
    const signedIn = await post(server, '/sign-in', { form })
    assert.equal(signedIn.status, 200)
    const refreshed = await post(server, '/refresh', {
      form: { refresh_token: signedIn.body.refresh_token },
    })
    assert.equal(refreshed.body.message, 'Token refreshed.')
  })

  it('takes an empty body that is labelled as JSON', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const { access } = await signIn(server, email)
    const headers = { 'content-type': 'application/json' }
    const refreshed = await post(server, '/refresh', { raw: '', headers, bearer: access })
    assert.equal(refreshed.body.message, 'Token refreshed.')
    const out = await post(server, '/sign-out', {
      raw: '',
      headers,
      bearer: refreshed.body.access_token,
    })
    assertBody(out, 200, { message: 'Sign-out successful.' })
  })

  it('treats null as absent', async () => {
    const email = freshEmail()
    await signUp(server, email)
    const { access } = await signIn(server, email)
    const refreshed = await post(server, '/refresh', { json: { refresh_token: null }, bearer: access })
    assert.equal(refreshed.status, 200)
    const forgotten = await post(server, '/forgot-password', { json: { email, redirect_to: null } })
    assert.equal(forgotten.status, 200)
  })

  it('refuses bodies that it cannot read, and says no more than that they are no JSON', async () => {
    const headers = { 'content-type': 'application/json' }
    for (const raw of ['{"email": ', 'email=x', '{"email":"x"}}']) {
      const answer = await post(server, '/sign-in', { raw, headers })
      assertProblem(answer, 400, 'bad_request', 'The request is not valid JSON.')
    }
    const plain = await post(server, '/sign-in', { raw: 'x', headers: { 'content-type': 'text/plain' } })
    const types = 'Send application/json or application/x-www-form-urlencoded.'
    assertProblem(plain, 415, 'unsupported_media_type', types)
    const large = await post(server, '/sign-in', { json: { email: 'x'.repeat(64 * 1024) } })
    assertProblem(large, 413, 'payload_too_large', 'The request is too large.')
  })

  it('refuses JSON that is no object', async () => {
    for (const json of [[], 'text', 5]) {
      const answer = await post(server, '/sign-in', { json })
      assertProblem(answer, 400, 'bad_request', 'The request could not be read.')
    }
  })

  it('answers unknown routes below its prefix in its own words', async () => {
    for (const [method, path] of [
      ['GET', '/nowhere'],
      ['POST', '/nowhere'],
      ['GET', '/sign-in'],
      ['DELETE', '/sign-out'],
      ['POST', ''],
    ] as const) {
      const answer = await server.request(method, `/api/co/auth${path}`)
      assertProblem(answer, 404, 'not_found', 'There is nothing here.')
    }
  })
})

describe('minbil with limits', () => {
  const server = useServer('sqlite', { limits: 'real' })

  const assertLimited = (answer: Answer) => {
    assertProblem(answer, 429, 'rate_limited', 'Too many requests. Try again later.')
    assert.deepEqual(answer.cookies, [])
  }

  it('limits wrong passwords, known and unknown accounts alike', async () => {
    const known = freshEmail()
    await signUp(server, known)
    for (const email of [known, freshEmail()]) {
      const json = { email, password: 'wrong-password' }
      assertLimited(await untilLimited(() => post(server, '/sign-in', { json }), 401))
    }
    assertLimited(await post(server, '/sign-in', { json: { email: known, password } }))
  })

  it('limits reset mails, known and unknown accounts alike', async () => {
    const known = freshEmail()
    await signUp(server, known)
    for (const email of [known, freshEmail()])
      assertLimited(await untilLimited(() => post(server, '/forgot-password', { json: { email } }), 200))
  })

  it('limits refresh tokens that are not good', async () => {
    assertLimited(await untilLimited(() => refresh(server, { body: 'nonsense' }), 401))
  })

  it('limits sign-ups', async () => {
    const json = { email: freshEmail(), password: '1234567' }
    assertLimited(await untilLimited(() => post(server, '/sign-up', { json }), 400))
  })
})
