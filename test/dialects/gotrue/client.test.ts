import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isAuthWeakPasswordError } from '@supabase/auth-js'
import { claimsOf, onEveryEngine, useServer } from '../../harness/harness.ts'
import {
  appUri,
  assertRefused,
  authClient,
  dataOf,
  doorSettings,
  freshPerson,
  hashIn,
  mailOf,
  password,
  sessionOf,
  signUpConfirmed,
} from './auth-js.ts'

onEveryEngine('auth-js', (engine) => {
  const server = useServer(engine, { yaml: doorSettings() })

  it('signs somebody up who confirms the address, signs in and is who the token says', async () => {
    const auth = authClient(server)
    const person = freshPerson()
    const data = { name: 'Ada', color: 'green' }
    const options = { data, emailRedirectTo: appUri }
    const mail = await mailOf(server, person.email, async () => {
      const { user, session } = dataOf(await auth.signUp({ ...person, options }))
      assert.equal(session, null)
      assert.equal(user?.email, person.email)
      assert.equal(user?.email_confirmed_at, undefined)
      assert.partialDeepStrictEqual(user?.user_metadata, data)
    })
    assertRefused(await auth.signInWithPassword(person), 400, 'email_not_confirmed')
    assert.equal(dataOf(await auth.getSession()).session, null)

    const events: string[] = []
    auth.onAuthStateChange((event) => void events.push(event))
    const first = sessionOf(await auth.verifyOtp({ type: 'signup', token_hash: hashIn(mail) }))
    assert.ok(first.user.email_confirmed_at)
    const session = sessionOf(await auth.signInWithPassword(person))
    assert.deepEqual(events.slice(-2), ['SIGNED_IN', 'SIGNED_IN'])
    assert.notEqual(claimsOf(session.access_token).session_id, claimsOf(first.access_token).session_id)
    assert.equal(session.expires_at, claimsOf(session.access_token).exp)
    assert.equal(session.expires_in, 3600)

    const { user } = dataOf(await auth.getUser())
    assert.deepEqual(user, session.user)
    assert.partialDeepStrictEqual(user.user_metadata, data)
    assert.deepEqual(
      dataOf(await auth.getUserIdentities()).identities.map(({ provider, user_id }) => [provider, user_id]),
      [['email', user.id]],
    )
    const { claims, header } = (await auth.getClaims()).data ?? assert.fail()
    assert.equal(header.alg, 'ES256')
    assert.partialDeepStrictEqual(claims, {
      sub: user.id,
      aud: 'authenticated',
      role: 'authenticated',
      email: person.email,
      aal: 'aal1',
      amr: [{ method: 'password' }],
      is_anonymous: false,
    })
  })

  it('is told of wrong passwords, weak ones and addresses that are none', async () => {
    const auth = authClient(server)
    const { email } = await signUpConfirmed(server, authClient(server))
    const wrong = { email, password: 'not the password' }
    const refused = assertRefused(await auth.signInWithPassword(wrong), 400, 'invalid_credentials')
    const unknown = await auth.signInWithPassword({ ...wrong, email: freshPerson().email })
    assert.equal(assertRefused(unknown, 400, 'invalid_credentials').message, refused.message)

    const weak = assertRefused(
      await auth.signUp({ ...freshPerson(), password: '1234' }),
      422,
      'weak_password',
    )
    assert.ok(isAuthWeakPasswordError(weak))
    assert.deepEqual(weak.reasons, ['length'])
    assertRefused(await auth.signUp({ email: 'nobody', password }), 400, 'validation_failed')
  })

  it('refreshes, hands a session over and keeps to the newest tokens', async () => {
    const auth = authClient(server)
    const { session: first } = await signUpConfirmed(server, auth)
    const second = sessionOf(await auth.refreshSession())
    assert.notEqual(second.refresh_token, first.refresh_token)
    assert.notEqual(second.access_token, first.access_token)
    assert.equal(claimsOf(second.access_token).session_id, claimsOf(first.access_token).session_id)

    const other = authClient(server)
    const { access_token, refresh_token } = second
    assert.deepEqual(sessionOf(await other.setSession({ access_token, refresh_token })).user, second.user)
    const third = sessionOf(await other.refreshSession())
    assert.equal(sessionOf(await auth.refreshSession(second)).refresh_token, third.refresh_token)

    // The newest has been presented once, so the first is theft.
    sessionOf(await other.refreshSession())
    server.clock.advance(60_000)
    assertRefused(await auth.refreshSession(first), 400, 'refresh_token_already_used')
    assertRefused(await other.refreshSession(), 400, 'refresh_token_not_found')
    const made = (refresh_token: string) => authClient(server).refreshSession({ refresh_token })
    const forged = `${third.refresh_token.slice(0, -8)}AAAAAAAA`
    assertRefused(await made(forged), 400, 'refresh_token_not_found')
    assertRefused(await made('made-up-by-somebody'), 400, 'validation_failed')
  })

  it('changes what the person says of themselves, and the password', async () => {
    const auth = authClient(server)
    const person = await signUpConfirmed(server, auth)
    dataOf(await auth.updateUser({ data: { color: 'green', size: 5 } }))
    const { user } = dataOf(await auth.updateUser({ data: { color: null, shape: { round: true } } }))
    assert.partialDeepStrictEqual(user.user_metadata, { size: 5, shape: { round: true } })
    assert.ok(!('color' in user.user_metadata))
    assert.deepEqual(sessionOf(await auth.getSession()).user.user_metadata, user.user_metadata)

    assertRefused(await auth.updateUser({ password: person.password }), 422, 'same_password')
    assertRefused(await auth.updateUser({ password: 'short' }), 422, 'weak_password')
    const changed = { email: person.email, password: 'another horse battery staple' }
    dataOf(await auth.updateUser({ password: changed.password }))
    assertRefused(await authClient(server).signInWithPassword(person), 400, 'invalid_credentials')
    sessionOf(await authClient(server).signInWithPassword(changed))
    // The session that has changed it goes on.
    dataOf(await auth.getUser())
  })

  it('signs out here, elsewhere and everywhere', async () => {
    const [here, there, third] = [authClient(server), authClient(server), authClient(server)]
    const person = await signUpConfirmed(server, here)
    sessionOf(await there.signInWithPassword(person))
    sessionOf(await third.signInWithPassword(person))
    const isSignedIn = async (auth: typeof here) => (await auth.getUser()).data.user !== null

    assert.equal((await third.signOut({ scope: 'local' })).error, null)
    assert.deepEqual(await Promise.all([here, there, third].map(isSignedIn)), [true, true, false])
    assert.equal((await here.signOut({ scope: 'others' })).error, null)
    assert.deepEqual(await Promise.all([here, there].map(isSignedIn)), [true, false])
    // The client forgets a session that the server does not know any more.
    assert.equal(dataOf(await there.getSession()).session, null)

    const { access_token, refresh_token } = sessionOf(await there.signInWithPassword(person))
    assert.equal((await here.signOut()).error, null)
    assert.equal(dataOf(await here.getSession()).session, null)
    assert.equal((await authClient(server).getUser(access_token)).error?.name, 'AuthSessionMissingError')
    assertRefused(await authClient(server).refreshSession({ refresh_token }), 400, 'refresh_token_not_found')
    // Signing out of a session that has ended is no error.
    assert.equal((await there.signOut()).error, null)
  })

  it('is told what is wrong with a token', async () => {
    const auth = authClient(server)
    const { session } = await signUpConfirmed(server, auth)
    const forged = `${session.access_token.slice(0, -8)}AAAAAAAA`
    const refused = assertRefused(await auth.getUser(forged), 403, 'bad_jwt')
    assert.match(refused.message, /^invalid JWT/)
    // The session that it has is not lost by that.
    dataOf(await auth.getUser())
  })
})

describe('auth-js where sign-ups need no confirmation', () => {
  const server = useServer('sqlite', { yaml: doorSettings({ autoconfirm: true }) })

  it('has a session at once, and is told that an address is taken', async () => {
    const auth = authClient(server)
    const person = freshPerson()
    const { user } = sessionOf(await auth.signUp(person))
    assert.ok(user.email_confirmed_at)
    assertRefused(await authClient(server).signUp(person), 422, 'user_already_exists')
    sessionOf(await authClient(server, { flowType: 'pkce' }).signUp(freshPerson()))
    dataOf(await auth.getUser())
  })

  it('works without an apikey, or with one that nobody knows', async () => {
    sessionOf(await authClient(server, { headers: {} }).signUp(freshPerson()))
    sessionOf(await authClient(server, { headers: { apikey: 'unknown' } }).signUp(freshPerson()))
  })

  it('reads of everything that is not there that it is off', async () => {
    const auth = authClient(server, { experimental: { passkey: true } })
    assertRefused(await auth.signInAnonymously(), 422, 'anonymous_provider_disabled')
    const phone = { phone: '+4799999999', password }
    assertRefused(await auth.signUp(phone), 400, 'phone_provider_disabled')
    assertRefused(await auth.signInWithPassword(phone), 422, 'phone_provider_disabled')
    const idToken = { provider: 'google', token: 'some.id.token' }
    assertRefused(await auth.signInWithIdToken(idToken), 400, 'provider_disabled')
    assertRefused(await auth.signInWithSSO({ domain: 'example.com' }), 404, 'saml_provider_disabled')
    const web3 = { chain: 'solana' as const, message: 'text', signature: new Uint8Array([1]) }
    assertRefused(await auth.signInWithWeb3(web3), 422, 'web3_provider_disabled')
    const { url } = dataOf(await auth.signInWithOAuth({ provider: 'github' }))
    assert.equal((await server.request('GET', new URL(url).pathname + new URL(url).search)).status, 400)

    sessionOf(await auth.signUp(freshPerson()))
    assertRefused(await auth.linkIdentity({ provider: 'github' }), 404, 'manual_linking_disabled')
    const [identity = assert.fail()] = dataOf(await auth.getUserIdentities()).identities
    assertRefused(await auth.unlinkIdentity(identity), 404, 'manual_linking_disabled')
    assertRefused(await auth.passkey.list(), 404, 'passkey_disabled')
    assertRefused(await auth.oauth.listGrants(), 404, 'feature_disabled')
  })
})

describe('auth-js where nobody may sign up', () => {
  const server = useServer('sqlite', { yaml: doorSettings({ registration: 'off' }) })

  it('is told so', async () => {
    assertRefused(await authClient(server).signUp(freshPerson()), 422, 'signup_disabled')
  })
})

describe('auth-js where refreshes are limited', () => {
  const server = useServer('sqlite', { yaml: doorSettings(), limits: { 'refresh-address': 1 } })

  it('is never told so by a status that ends its session', async () => {
    const refresh = (refresh_token: string) =>
      server.request('POST', '/auth/v1/token?grant_type=refresh_token', { json: { refresh_token } })
    assert.equal((await refresh('made-up-by-somebody')).status, 400)
    const { status, headers } = await refresh('made-up-by-somebody')
    assert.equal(status, 503)
    assert.ok(Number(headers.get('retry-after')) > 0)
  })
})
