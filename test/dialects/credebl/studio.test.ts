import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonOf } from '../../harness/command.ts'
import { select } from '../../harness/database.ts'
import { register } from '../../harness/doors.ts'
import {
  type Answer,
  freshEmail,
  mailCausedBy,
  onEveryEngine,
  queryOf,
  useServer,
} from '../../harness/harness.ts'
import { keyVariables, newMasterKey, restartWith } from '../../harness/master-keys.ts'
import {
  assertFailure,
  assertSuccess,
  isSignedIn,
  listSessions,
  post,
  refresh,
  registerAndSignIn,
  signIn,
  unknownId,
} from './door.ts'
import { encrypt, key } from './studio-encryption.ts'

/** Those that Studio sends with most requests, the odd ones among them. */
const headers = {
  'content-type': 'application/json',
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  servertokens: 'Prod',
  server_tokens: 'off',
  server: 'SSI',
  'x-xss-protection': '1; mode=block',
}

onEveryEngine('credebl’s Studio', (engine) => {
  const masterKey = newMasterKey()
  const env = { CREDEBL_PASSWORD_KEY: key, ...keyVariables({ primary: masterKey }) }
  const server = useServer(engine, { env })

  /** On each page load; Studio sends the text encrypted. */
  const details = (text: string, base = '/auth') =>
    server.request('GET', `${base}/sessionDetails?sessionId=${encodeURIComponent(text)}`, { headers })
  const assertOpensNothing = async (text: string) => {
    for (const sent of [text, encrypt(text)]) {
      const answer = await details(sent)
      assertFailure(answer, 404, 'Session not found')
    }
  }
  const detailsOf = async (handle: string) => {
    const answer = await details(encrypt(handle))
    assert.equal(answer.status, 200, answer.text)
    const { sessionToken: access, refreshToken } = answer.body.data
    return { access, refresh: refreshToken }
  }
  const updateProfile = (json: unknown, bearer?: string): Promise<Answer> =>
    server.request('PUT', '/users', { json, bearer, headers })
  const namesOf = async (bearer: string) => {
    const { data } = (await server.request('GET', '/users/profile', { bearer })).body
    return [data.firstName, data.lastName, data.email, data.id]
  }

  it('signs somebody up: asks for the address, has a mail sent, opens its link and registers', async () => {
    const email = freshEmail().replace('@', '+studio@')
    const checked = await server.request('GET', `/users/${email}`, { headers })
    const data = { isEmailVerified: false, isRegistrationCompleted: false }
    assertSuccess(checked, 200, 'User email checked successfully.', data)

    const { links } = await mailCausedBy(server, { to: email, subject: /^Confirm/ }, async () => {
      const answer = await post(server, '/verification-mail?clientAlias=undefined', {
        json: { email },
        headers,
      })
      assert.equal(answer.body.statusCode, 201, answer.text)
    })
    const code = queryOf(links[0], 'verificationCode')
    const verified = await server.request('GET', `/auth/verify?verificationCode=${code}&email=${email}`, {
      headers,
    })
    assertSuccess(verified, 200, 'Email verified successfully')

    const password = encrypt('Password1!')
    const details = { email, password, isPasskey: false, firstName: 'Ada', lastName: 'Example' }
    const cookie = verified.cookies.join('; ')
    const up = await post(server, '/signup', { json: details, headers: { ...headers, cookie } })
    assertSuccess(up, 201, 'User registered successfully', { userId: up.body.data.userId })

    const json = { email, password, isPasskey: 'false' }
    const signedIn = await post(server, '/signin', { json, headers: { 'x-forwarded-for': 'undefined' } })
    const { access } = await detailsOf(signedIn.body.data.sessionId)
    assert.deepEqual(await namesOf(access), ['Ada', 'Example', email, up.body.data.userId])
  })

  it('is told the same of every address in the first step, and that a wrong one is none', async () => {
    const registered = await register(server)
    const answers = [registered.email, freshEmail(), registered.email.toUpperCase()].map((email) =>
      server.request('GET', `/users/${email}`),
    )
    const texts = (await Promise.all(answers)).map(({ status, text }) => `${status} ${text}`)
    assert.equal(new Set(texts).size, 1)
    for (const path of ['/users/no@', '/v1/users/a@b@c.example', `/users/${'x'.repeat(260)}@y.example`])
      assertFailure(await server.request('GET', path), 400, ['Please provide a valid email'])
    assertFailure(await server.request('GET', '/users/activity?limit=5'), 404, 'There is nothing here')
  })

  it('gets the tokens of its session on each page load', async () => {
    const person = await register(server)
    const before = server.clock.now()
    const { handle, sessionId, refresh: first } = await signIn(server, person)
    for (const [text, base] of [
      [encrypt(handle), '/auth'],
      [handle, '/v1/auth'],
    ]) {
      const answer = await details(text ?? '', base)
      const { sessionToken, refreshToken, userId, expiresAt, createdAt, clientInfo } = answer.body.data
      assertSuccess(answer, 200, 'Session details fetched successfully', {
        id: sessionId,
        userId,
        expiresAt,
        createdAt,
        clientInfo,
        sessionType: 'user-session',
        sessionToken,
        refreshToken,
        expires: 3600,
      })
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      assert.ok(Date.parse(createdAt) >= before)
      assert.equal(refreshToken, first)
      assert.equal(await isSignedIn(server, sessionToken), true)
      assert.equal((await listSessions(server, userId, sessionToken)).body.data.length, 1)
    }
  })

  it('stays signed in in several tabs, and its session ends when an old refresh token comes back', async () => {
    const { handle, refresh: first } = await signIn(server, await register(server))
    const second = (await refresh(server, first)).body.data.refresh_token
    const tabs = [await detailsOf(handle), await detailsOf(handle)]
    for (const tab of tabs) assert.equal(tab.refresh, second)
    const [third, again] = [await refresh(server, second), await refresh(server, second)]
    assert.equal(third.body.data.refresh_token, again.body.data.refresh_token)
    assert.equal((await detailsOf(handle)).refresh, third.body.data.refresh_token)
    const fourth = await refresh(server, third.body.data.refresh_token)
    assert.equal(fourth.status, 200, fourth.text)

    const { access, refresh: newest } = await detailsOf(handle)
    assertFailure(await refresh(server, second), 401, 'Refresh token has expired')
    await assertOpensNothing(handle)
    assert.equal(await isSignedIn(server, access), false)
    assertFailure(await refresh(server, newest), 401, 'Refresh token has expired')
  })

  it('does not make its session last longer by loading pages', async () => {
    const { handle } = await signIn(server, await register(server))
    server.clock.advance(86_000_000)
    await detailsOf(handle)
    server.clock.advance(401_000)
    await assertOpensNothing(handle)
  })

  it('gets nothing for an id, for what it made of one, or for any other token', async () => {
    const [mine, theirs] = [await registerAndSignIn(server), await registerAndSignIn(server)]
    const [bytes, others] = [mine, theirs].map(({ handle }) => Buffer.from(handle, 'base64url'))
    assert.ok(bytes && others)
    const spliced = Buffer.concat([others.subarray(0, 16), bytes.subarray(16)]).toString('base64url')
    const changed = [0, 15, 16, 47].map((at) => {
      const other = Buffer.from(bytes)
      other[at] = (other[at] ?? 0) ^ 1
      return other.toString('base64url')
    })
    const spellings = [`${mine.handle}=`, ` ${mine.handle}`, mine.handle.slice(0, -1), `${mine.handle}AA`]
    const tokens = [mine.access, mine.refresh, mine.sessionId, theirs.sessionId, unknownId]
    const elsewhere = await server.request('POST', '/api/co/auth/sign-in', {
      json: { email: mine.email, password: mine.password },
    })
    const texts = ['', 'null', 'undefined', 'nonsense', 'a\0', '0'.repeat(64), ...tokens, ...spellings]
    for (const text of [...texts, ...changed, spliced, elsewhere.body.refresh_token])
      await assertOpensNothing(text)
    assertFailure(await details(encrypt(mine.handle, 'another-key')), 404, 'Session not found')
    for (const query of ['', '?sessionId', `?sessionId=${mine.handle}&sessionId=${theirs.handle}`])
      assertFailure(await server.request('GET', `/auth/sessionDetails${query}`), 404, 'Session not found')
    for (const { access } of [mine, theirs]) assert.equal(await isSignedIn(server, access), true)
  })

  it('gets nothing any more when its session has ended', async () => {
    const { handle, access } = await registerAndSignIn(server)
    await detailsOf(handle)
    assert.equal((await post(server, '/signout', { bearer: access })).status, 200)
    await assertOpensNothing(handle)
  })

  it('signs out by its handle, encrypted or not, and ends nobody else’s session', async () => {
    const person = await register(server)
    const stranger = await registerAndSignIn(server)
    const stays = await signIn(server, person)
    for (const entry of [(text: string) => text, encrypt]) {
      const leaves = await signIn(server, person)
      const json = { sessions: [null, entry(leaves.handle)] }
      const { access: bearer } = await detailsOf(leaves.handle)
      assertSuccess(await post(server, '/signout', { json, bearer }), 200, 'User logout successfully')
      for (const access of [bearer, leaves.access]) assert.equal(await isSignedIn(server, access), false)
      await assertOpensNothing(leaves.handle)
    }
    const form = { sessions: (await signIn(server, person)).handle }
    assert.equal((await post(server, '/signout', { form, bearer: stays.access })).status, 200)
    await assertOpensNothing(form.sessions)

    const json = { sessions: [stranger.handle] }
    const answer = await post(server, '/signout', { json, bearer: stays.access })
    assertSuccess(answer, 200, 'User logout successfully')
    for (const { access } of [stays, stranger]) assert.equal(await isSignedIn(server, access), true)
  })

  it('changes the names of who is signed in, and nothing else of its profile', async () => {
    const { id, email, access: bearer } = await registerAndSignIn(server)
    const other = await registerAndSignIn(server)
    const { data: profile } = (await server.request('GET', '/users/profile', { bearer })).body
    const sent = { ...profile, firstName: 'Grace', lastName: ' Hopper ', profileImg: '', roles: undefined }
    assertSuccess(await updateProfile(sent, bearer), 200, 'User details updated successfully')
    assert.deepEqual(await namesOf(bearer), ['Grace', 'Hopper', email, id])

    const foreign = { id: other.id, email: other.email, firstName: 'Mary', lastName: null }
    assert.equal((await updateProfile(foreign, bearer)).status, 200)
    assert.deepEqual(await namesOf(bearer), ['Mary', 'Hopper', email, id])
    assert.deepEqual(await namesOf(other.access), ['Ada', 'Example', other.email, other.id])
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select detail from audit where event = 'profile.changed' and account_id = '${id}' order by at, id`,
    )
    assert.deepEqual(
      rows.map(({ detail }) => detail),
      ['firstName lastName', 'firstName'],
    )
  })

  it('is told which names cannot be, and changes none without a session', async () => {
    const { access: bearer, email, id } = await registerAndSignIn(server)
    const first = 'First name must be between 2 and 50 characters.'
    const last = 'Last name must be between 2 and 50 characters.'
    const cases: [unknown, string[]][] = [
      [{ firstName: 'A', lastName: 'x'.repeat(51) }, [first, last]],
      [{ firstName: 'Ada\u202e', lastName: 5 }, [first, last]],
      [{}, ['firstName or lastName is required.']],
      [{ firstName: null, lastName: '' }, ['firstName or lastName is required.']],
    ]
    for (const [json, messages] of cases) assertFailure(await updateProfile(json, bearer), 400, messages)
    for (const token of [undefined, 'null', 'nonsense'])
      assertFailure(await updateProfile({ firstName: 'Grace' }, token), 401, 'Unauthorized')
    assert.deepEqual(await namesOf(bearer), ['Ada', 'Example', email, id])
  })

  it('keeps its session while the master key changes, and has no handle of a key that is gone', async () => {
    const { handle } = await signIn(server, await register(server))
    const fresh = newMasterKey()
    await restartWith(server, { primary: fresh, previous: masterKey })
    const { refresh: first } = await detailsOf(handle)
    const { sessionId: newer, refresh_token: second } = (await refresh(server, first)).body.data
    assert.notEqual(newer, handle)
    assert.equal((await refresh(server, second)).status, 200)
    await jsonOf(server, ['keys', 'reseal'])
    await restartWith(server, { primary: fresh })
    await assertOpensNothing(handle)
    await detailsOf(newer)
  })
})

describe('credebl’s Studio with limits', () => {
  const server = useServer('sqlite', { limits: { 'refresh-address': 5, 'profile-account': 5 } })

  it('is asked to wait when it asks again and again for sessions that are none, and not for its own', async () => {
    const { handle } = await registerAndSignIn(server)
    const ask = (text: string) => server.request('GET', `/auth/sessionDetails?sessionId=${text}`)
    for (let count = 0; count < 8; count++) assert.equal((await ask(handle)).status, 200)
    for (let count = 0; count < 5; count++) assert.equal((await ask('nonsense')).status, 404)
    const limited = await ask('nonsense')
    assertFailure(limited, 429, 'Too many requests. Try again later')
    assert.match(limited.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    assert.equal((await ask(handle)).status, 200)
  })

  it('is asked to wait when it changes a name again and again', async () => {
    const [{ access }, other] = [await registerAndSignIn(server), await registerAndSignIn(server)]
    const change = (bearer: string) =>
      server.request('PUT', '/users', { json: { firstName: 'Grace' }, bearer })
    for (let count = 0; count < 5; count++) assert.equal((await change(access)).status, 200)
    assertFailure(await change(access), 429, 'Too many requests. Try again later')
    assert.equal((await change(other.access)).status, 200)
  })
})
