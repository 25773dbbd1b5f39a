import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { claimsOf, freshEmail, onEveryEngine, useServer } from '../../harness/harness.ts'
import {
  assertBody,
  defaultClient,
  freshPerson,
  getWithBody,
  refresh,
  register,
  registration,
  send,
  signIn,
  uuid,
  validation,
  webClient,
  whoAmI,
} from './door.ts'

onEveryEngine('pm2 /register', (engine) => {
  const server = useServer(engine)

  it('answers with the user, an access token and the refresh token under both of its names', async () => {
    const person = freshPerson()
    const json = { ...registration(person), role: 'Ops', company: 'Example AS' }
    const answer = await send(server, 'POST', '/register', { json })
    const { user, access_token, refresh_token } = answer.body
    assert.match(user._id, uuid)
    assertBody(answer, 200, {
      user: {
        _id: user._id,
        username: person.username,
        email: person.email,
        role: 'Ops',
        company: 'Example AS',
        email_valid: false,
        authorized_bucket: [],
        created_at: user.created_at,
      },
      access_token: {
        token: access_token.token,
        expire_at: new Date(claimsOf(access_token.token).exp * 1000).toISOString(),
        token_type: 'Bearer',
      },
      refreshToken: { token: refresh_token.token },
      refresh_token: { token: refresh_token.token },
    })
    assert.deepEqual((await whoAmI(server, access_token.token)).body, user)
    assert.equal((await refresh(server, refresh_token.token)).status, 200)
    await server.mail(person.email, validation)
  })

  it('reads the body of a GET, as JSON and as a form', async () => {
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const person = freshPerson()
      const fields = { ...person, accept_terms: '1' }
      const body = type.includes('json') ? JSON.stringify(fields) : new URLSearchParams(fields).toString()
      const answer = await getWithBody(`${server.url}/api/oauth/register`, { type, body })
      assert.equal(answer.status, 200, answer.text)
      assert.equal((answer.body.user as { email: string }).email, person.email)
      await signIn(server, person)
    }
  })

  it('takes the terms as a number, a text or a truth, and nothing less', async () => {
    for (const accept_terms of [1, '1', true, 'true']) {
      const answer = await send(server, 'POST', '/register', { json: { ...registration(), accept_terms } })
      assert.equal(answer.status, 200, answer.text)
    }
    for (const accept_terms of [0, '0', false, 'false', 'yes', null, undefined, [1], { a: 1 }]) {
      const json = { ...registration(), accept_terms }
      const answer = await send(server, 'POST', '/register', { json })
      const message = 'The terms must be accepted.'
      assertBody(answer, 400, { accept_terms: { message }, msg: message })
    }
  })

  it('takes the client from the header, from the body, and else the default one', async () => {
    const sent = [
      { expected: webClient, headers: { 'x-client-id': webClient } },
      { expected: webClient, fields: { client_id: webClient } },
      { expected: webClient, headers: { 'x-client-id': webClient }, fields: { client_id: defaultClient } },
      { expected: defaultClient, headers: { 'x-client-id': '' }, fields: { client_id: null } },
      { expected: defaultClient },
    ]
    for (const { expected, headers, fields } of sent) {
      const json = { ...registration(), ...fields }
      const { status, body, text } = await send(server, 'POST', '/register', { json, headers })
      assert.equal(status, 200, text)
      assert.equal(claimsOf(body.access_token.token).client_id, expected)
      assert.equal((await refresh(server, body.refresh_token.token, expected)).status, 200)
    }
  })

  it('refuses a client that nobody has registered', async () => {
    const json = registration()
    for (const options of [
      { json: { ...json, client_id: 'nobody' } },
      { json, headers: { 'x-client-id': 'nobody' } },
    ]) {
      const answer = await send(server, 'POST', '/register', options)
      assertBody(answer, 400, { client_id: { message: 'Unknown client.' }, msg: 'Unknown client.' })
    }
    await register(server, { person: json })
  })

  describe('refuses', () => {
    const usernameRule = 'A username has 2 to 50 characters, and no @ among them.'

    it('fields that are missing, each by its name', async () => {
      const answer = await send(server, 'POST', '/register', { json: {} })
      assertBody(answer, 400, {
        username: { message: usernameRule },
        email: { message: 'A valid email is required.' },
        password: { message: 'password is required.' },
        accept_terms: { message: 'The terms must be accepted.' },
        msg: usernameRule,
      })
      // What `@pm2/js-api` sends by its own method, which knows no body for a GET.
      const empty = { type: 'application/json', body: '{}' }
      const got = await getWithBody(`${server.url}/api/oauth/register`, empty)
      assert.deepEqual([got.status, got.text], [400, answer.text])
    })

    it('user names that are too short, too long, or might be an e-mail address', async () => {
      for (const username of [
        '',
        'a',
        ' a ',
        'x'.repeat(51),
        'ada@example.com',
        'a@',
        'ad\u0000a',
        'ad\na',
        7,
      ]) {
        const json = { ...registration(), username }
        const answer = await send(server, 'POST', '/register', { json })
        assertBody(answer, 400, { username: { message: usernameRule }, msg: usernameRule })
      }
      for (const username of ['xy', '\u{1f511}'.repeat(2), 'x'.repeat(50), 'Åse Ødegård'])
        await register(server, { person: { ...freshPerson(), username: `${username}` } })
    })

    it('passwords that are too short or too long', async () => {
      const tooShort = { ...registration(), password: '1234567' }
      assertBody(await send(server, 'POST', '/register', { json: tooShort }), 400, {
        password: { message: 'Password must be at least 8 characters.' },
        msg: 'Password must be at least 8 characters.',
      })
      const tooLong = { ...registration(), password: 'x'.repeat(257) }
      const answer = await send(server, 'POST', '/register', { json: tooLong })
      assert.deepEqual(Object.keys(answer.body), ['password', 'msg'])
      await register(server, { person: { ...tooShort, password: '12345678' } })
    })

    it('a password in the address, even when all is well in the body', async () => {
      const json = registration()
      const query = new URLSearchParams({ password: json.password })
      const answer = await send(server, 'POST', `/register?${query}`, { json })
      const message = 'Send the password in the body, not in the address.'
      assertBody(answer, 400, { password: { message }, msg: message })
      const inAddress = new URLSearchParams({ ...json, accept_terms: '1' })
      assert.equal((await send(server, 'GET', `/register?${inAddress}`)).status, 400)
      await register(server, { person: json })
    })

    it('a user name and an e-mail address that are taken, in any case of letters', async () => {
      const person = await register(server)
      const emailTaken = { ...registration(), email: ` ${person.email.toUpperCase()}` }
      assertBody(await send(server, 'POST', '/register', { json: emailTaken }), 409, {
        email: { message: 'This email is already used.' },
        msg: 'This email is already used.',
      })
      const nameTaken = { ...registration(), username: person.username.toUpperCase() }
      assertBody(await send(server, 'POST', '/register', { json: nameTaken }), 409, {
        username: { message: 'This username is already used.' },
        msg: 'This username is already used.',
      })
      // Neither took anything.
      await register(server, { person: { ...nameTaken, username: emailTaken.username } })
      await signIn(server, person)
    })
  })

  it('opens one account for all who race for it', async () => {
    const json = registration()
    const racers = Array.from({ length: 5 }, () => send(server, 'POST', '/register', { json }))
    const statuses = (await Promise.all(racers)).map(({ status }) => status)
    assert.deepEqual(statuses.toSorted(), [200, 409, 409, 409, 409])
  })
})

describe('pm2 with registration off', () => {
  const server = useServer('sqlite', { dialects: { pm2: { registration: 'off' } } })

  it('says so to everybody', async () => {
    const message = 'registration disabled'
    const body = { error: 'registration_disabled', error_description: message, msg: message }
    assertBody(await send(server, 'POST', '/register', { json: registration() }), 500, body)
    assertBody(await send(server, 'POST', '/register', { json: {} }), 500, body)
    assertBody(await send(server, 'GET', '/register'), 500, body)
  })

  it('lets those sign in who have an account', async () => {
    const json = { email: freshEmail(), password: '12345678' }
    assert.equal((await server.request('POST', '/api/co/auth/sign-up', { json })).status, 201)
    await signIn(server, { username: json.email, password: json.password })
  })
})

describe('pm2 /register at its limit', () => {
  const server = useServer('sqlite', { limits: 'real' })

  it('tells twenty times an hour that something is taken, and then nothing any more', async () => {
    const person = await register(server)
    for (let probe = 0; probe < 20; probe++) {
      const json = { ...registration(), username: person.username }
      assert.equal((await send(server, 'POST', '/register', { json })).status, 409)
      // Neither a success nor what is wrong by itself counts.
      if (probe % 5 === 0) await register(server)
      const short = { ...registration(), password: 'short' }
      assert.equal((await send(server, 'POST', '/register', { json: short })).status, 400)
    }
    for (const json of [{ ...registration(), username: person.username }, registration()]) {
      const refused = await send(server, 'POST', '/register', { json })
      const message = 'Too many requests. Try again later.'
      assertBody(refused, 429, { error: 'rate_limited', error_description: message, msg: message })
      assert.ok(Number(refused.headers.get('retry-after')) > 0)
    }
  })
})
