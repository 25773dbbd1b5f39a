import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { GoTrueClient } from '@supabase/auth-js'
import { claimsOf, onEveryEngine, useServer } from '../../harness/harness.ts'
import {
  appUri,
  assertRefused,
  authClient,
  codeIn,
  dataOf,
  doorSettings,
  follow,
  freshPerson,
  hashIn,
  linkIn,
  mailOf,
  sessionOf,
  signUpConfirmed,
} from './auth-js.ts'

const hour = 3_600_000

onEveryEngine('auth-js with mails', (engine) => {
  const server = useServer(engine, { yaml: doorSettings() })
  const methodOf = (token: string) => claimsOf(token).amr[0].method

  it('is sent a sign-up’s mail again, and confirms by its code once', async () => {
    const auth = authClient(server)
    const person = freshPerson()
    const first = await mailOf(server, person.email, () => auth.signUp(person))
    const second = await mailOf(server, person.email, async () =>
      dataOf(await auth.resend({ type: 'signup', email: person.email })),
    )
    const verify = (token: string) => auth.verifyOtp({ type: 'email', email: person.email, token })
    const wrong = codeIn(second) === '111111' ? '222222' : '111111'
    assertRefused(await verify(wrong), 403, 'otp_expired')
    sessionOf(await verify(codeIn(second)))
    assertRefused(await verify(codeIn(second)), 403, 'otp_expired')
    assertRefused(await auth.verifyOtp({ type: 'signup', token_hash: hashIn(first) }), 403, 'otp_expired')
    sessionOf(await authClient(server).signInWithPassword(person))
  })

  it('signs in by code or link, and signs up whoever is new', async () => {
    const { email } = freshPerson()
    const auth = authClient(server)
    const ask = async (create: boolean) =>
      dataOf(
        await auth.signInWithOtp({ email, options: { shouldCreateUser: create, data: { name: 'Ada' } } }),
      )
    await ask(false)
    const mail = await mailOf(server, email, () => ask(true))
    assert.equal((await server.mailbox()).filter(({ to }) => to === email).length, 1)
    const first = sessionOf(await auth.verifyOtp({ type: 'email', email, token: codeIn(mail) }))
    assert.equal(first.user.email, email)
    assert.equal(first.user.user_metadata.name, 'Ada')

    const link = await mailOf(server, email, () => ask(false))
    const session = sessionOf(await auth.verifyOtp({ type: 'magiclink', token_hash: hashIn(link) }))
    assert.equal(session.user.id, first.user.id)
    assert.ok(['otp', 'magiclink'].includes(methodOf(session.access_token)))
  })

  it('leads by a link to the app with a session, and not by opening alone', async () => {
    const auth = authClient(server)
    const { email } = await signUpConfirmed(server, auth)
    const options = { emailRedirectTo: appUri }
    const mail = await mailOf(server, email, () => auth.signInWithOtp({ email, options }))
    const { pathname, search } = new URL(linkIn(mail))
    for (const _ of ['a scanner', 'another'])
      assert.equal((await server.request('GET', pathname + search)).status, 200)
    const target = await follow(server, linkIn(mail))
    assert.equal(target.origin + target.pathname, appUri)
    const fields = Object.fromEntries(new URLSearchParams(target.hash.slice(1)))
    assert.partialDeepStrictEqual(fields, { token_type: 'bearer', type: 'magiclink', expires_in: '3600' })
    const { access_token = '', refresh_token = '' } = fields
    assert.equal(
      sessionOf(await authClient(server).setSession({ access_token, refresh_token })).user.email,
      email,
    )

    const again = await server.request('POST', pathname + search, { form: {} })
    assert.doesNotMatch(again.headers.get('location') ?? '', /access_token/)
  })

  it('sets a new password that was forgotten', async () => {
    const person = await signUpConfirmed(server, authClient(server))
    const auth = authClient(server)
    const events: string[] = []
    auth.onAuthStateChange((event) => void events.push(event))
    const mail = await mailOf(server, person.email, async () =>
      dataOf(await auth.resetPasswordForEmail(person.email, { redirectTo: appUri })),
    )
    const session = sessionOf(await auth.verifyOtp({ type: 'recovery', token_hash: hashIn(mail) }))
    assert.equal(events.at(-1), 'PASSWORD_RECOVERY')
    assert.ok(['otp', 'recovery'].includes(methodOf(session.access_token)))
    const changed = { email: person.email, password: 'another horse battery staple' }
    dataOf(await auth.updateUser({ password: changed.password }))
    assertRefused(await authClient(server).signInWithPassword(person), 400, 'invalid_credentials')
    sessionOf(await authClient(server).signInWithPassword(changed))

    const { email } = person
    const second = await mailOf(server, email, () => auth.resetPasswordForEmail(email))
    sessionOf(await authClient(server).verifyOtp({ type: 'recovery', email, token: codeIn(second) }))
    // Nobody learns that there is no such account.
    assert.deepEqual(await auth.resetPasswordForEmail(freshPerson().email), { data: {}, error: null })
  })

  it('moves to another address once both have agreed', async () => {
    const auth = authClient(server)
    const person = await signUpConfirmed(server, auth)
    const { email } = freshPerson()
    const [old, fresh] = await Promise.all([
      mailOf(server, person.email, async () => {}),
      mailOf(server, email, async () => {
        const { user } = dataOf(await auth.updateUser({ email }, { emailRedirectTo: appUri }))
        assert.deepEqual([user.email, user.new_email], [person.email, email])
      }),
    ])
    const half = await auth.verifyOtp({ type: 'email_change', token_hash: hashIn(old) })
    assert.deepEqual(half, { data: { user: null, session: null }, error: null })
    assert.equal(dataOf(await auth.getUser()).user.email, person.email)
    const whole = sessionOf(await auth.verifyOtp({ type: 'email_change', token_hash: hashIn(fresh) }))
    assert.equal(whole.user.email, email)
    assert.equal(whole.user.new_email, undefined)
    sessionOf(await authClient(server).signInWithPassword({ ...person, email }))
    assertRefused(await authClient(server).signInWithPassword(person), 400, 'invalid_credentials')
  })

  /** Where PKCE's link leads, and its code: what opens the link twice harms nothing. */
  async function codeOf(link: string): Promise<string> {
    await follow(server, link)
    const target = await follow(server, link)
    assert.equal(target.origin + target.pathname, appUri)
    assert.equal(target.hash, '')
    return target.searchParams.get('code') ?? assert.fail(target.href)
  }

  const options = { emailRedirectTo: appUri }
  const flows: Record<string, (auth: GoTrueClient, email: string) => Promise<unknown>> = {
    'a sign-up': (auth, email) => auth.signUp({ ...freshPerson(), email, options }),
    'a magic link': (auth, email) => auth.signInWithOtp({ email, options }),
    'a forgotten password': (auth, email) => auth.resetPasswordForEmail(email, { redirectTo: appUri }),
  }
  for (const [name, begin] of Object.entries(flows)) {
    it(`exchanges the code of ${name} for a session, once and only where it was asked for`, async () => {
      const slots = memory()
      const storageKey = name
      const auth = authClient(server, { flowType: 'pkce', storage: slots, storageKey })
      const isKnown = name === 'a forgotten password'
      const { email } = isKnown ? await signUpConfirmed(server, authClient(server)) : freshPerson()
      const mail = await mailOf(server, email, () => begin(auth, email))
      const code = await codeOf(linkIn(mail))

      const thief = authClient(server, { flowType: 'pkce', storage: memory() })
      await thief.signInWithOtp({ email: freshPerson().email })
      assertRefused(await thief.exchangeCodeForSession(code), 400, 'bad_code_verifier')

      const kept = new Map(slots.items)
      const events: string[] = []
      auth.onAuthStateChange((event) => void events.push(event))
      assert.equal(sessionOf(await auth.exchangeCodeForSession(code)).user.email, email)
      assert.equal(events.at(-1), isKnown ? 'PASSWORD_RECOVERY' : 'SIGNED_IN')
      dataOf(await auth.getUser())
      const again = authClient(server, { flowType: 'pkce', storage: memory(kept), storageKey })
      assertRefused(await again.exchangeCodeForSession(code), 404, 'flow_state_not_found')
      const error = await follow(server, linkIn(mail))
      assert.equal(error.searchParams.get('error_code'), 'otp_expired')
    })
  }

  it('asks for a code before a password is changed long after the sign-in', async () => {
    const auth = authClient(server)
    const person = await signUpConfirmed(server, auth)
    server.clock.advance(25 * hour)
    sessionOf(await auth.refreshSession())
    const changed = { email: person.email, password: 'another horse battery staple' }
    assertRefused(await auth.updateUser({ password: changed.password }), 400, 'reauthentication_needed')
    const mail = await mailOf(server, person.email, async () => dataOf(await auth.reauthenticate()))
    const refused = await auth.updateUser({ password: changed.password, nonce: 'wrong' })
    assert.equal(refused.error?.code, 'reauthentication_not_valid')
    dataOf(await auth.updateUser({ password: changed.password, nonce: codeIn(mail) }))
    sessionOf(await authClient(server).signInWithPassword(changed))
  })
})

interface Memory {
  items: Map<string, string>
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** A storage that can be copied. */
function memory(items = new Map<string, string>()): Memory {
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}
