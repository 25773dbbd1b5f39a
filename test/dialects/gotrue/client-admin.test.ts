import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import {
  adminApi,
  appOrigin,
  appUri,
  assertRefused,
  authClient,
  dataOf,
  doorSettings,
  follow,
  freshPerson,
  hashIn,
  mailOf,
  password,
  serviceKey,
  sessionOf,
  signUpConfirmed,
} from './auth-js.ts'

onEveryEngine('the admin part of auth-js', (engine) => {
  const server = useServer(engine, { yaml: doorSettings() })

  it('makes, reads, changes, bans and deletes accounts', async () => {
    const admin = adminApi(server)
    const person = freshPerson()
    const { user } = dataOf(
      await admin.createUser({
        ...person,
        email_confirm: true,
        user_metadata: { name: 'Ada' },
        app_metadata: { roles: ['editor'] },
      }),
    )
    assert.equal(user.user_metadata.name, 'Ada')
    assert.deepEqual(user.app_metadata, { provider: 'email', providers: ['email'], roles: ['editor'] })
    const { id } = user
    assertRefused(await admin.createUser(person), 422, 'email_exists')
    const auth = authClient(server)
    assert.deepEqual(sessionOf(await auth.signInWithPassword(person)).user.app_metadata, user.app_metadata)
    assert.equal(dataOf(await admin.getUserById(id)).user.email, person.email)

    const email = freshPerson().email
    const changed = { email, password: 'another horse battery staple' }
    const updated = dataOf(await admin.updateUserById(id, { ...changed, app_metadata: { plan: 'pro' } })).user
    assert.equal(updated.email, email)
    assert.partialDeepStrictEqual(updated.app_metadata, { plan: 'pro', roles: ['editor'] })
    sessionOf(await authClient(server).signInWithPassword(changed))

    const banned = dataOf(await admin.updateUserById(id, { ban_duration: '24h' })).user as {
      banned_until?: string
    }
    assert.ok(Date.parse(banned.banned_until ?? '') > server.clock.now())
    assertRefused(await authClient(server).signInWithPassword(changed), 400, 'user_banned')
    assert.equal((await auth.refreshSession()).error?.status, 400)
    dataOf(await admin.updateUserById(id, { ban_duration: 'none' }))
    sessionOf(await auth.signInWithPassword(changed))

    dataOf(await admin.deleteUser(id))
    assertRefused(await admin.getUserById(id), 404, 'user_not_found')
    assert.equal((await auth.getUser()).data.user, null)
    assertRefused(await authClient(server).signInWithPassword(changed), 400, 'invalid_credentials')
    assertRefused(await admin.updateUserById(id, { email }), 404, 'user_not_found')
  })

  it('lists accounts by page, newest first', async () => {
    const admin = adminApi(server)
    const made: string[] = []
    for (let count = 0; count < 3; count++) {
      server.clock.advance(1000)
      made.unshift(dataOf(await admin.createUser({ email: freshPerson().email })).user.id)
    }
    const first = dataOf(await admin.listUsers({ page: 1, perPage: 2 }))
    assert.deepEqual(
      first.users.map(({ id }) => id),
      made.slice(0, 2),
    )
    assert.equal(first.nextPage, 2)
    assert.equal(first.lastPage, Math.ceil(first.total / 2))
    const second = dataOf(await admin.listUsers({ page: 2, perPage: 2 }))
    assert.equal(second.users[0]?.id, made[2])
    const all = dataOf(await admin.listUsers())
    assert.equal(all.users.length, all.total)
    assert.equal(all.nextPage, null)
  })

  it('invites people, who have an account and no password yet', async () => {
    const { email } = freshPerson()
    const mail = await mailOf(server, email, async () => {
      const options = { data: { team: 'red' }, redirectTo: appUri }
      const { user } = dataOf(await adminApi(server).inviteUserByEmail(email, options))
      assert.ok(user.invited_at)
      assert.equal(user.user_metadata.team, 'red')
    })
    const auth = authClient(server)
    sessionOf(await auth.verifyOtp({ type: 'invite', token_hash: hashIn(mail) }))
    dataOf(await auth.updateUser({ password }))
    sessionOf(await authClient(server).signInWithPassword({ email, password }))
    assertRefused(await adminApi(server).inviteUserByEmail(email), 422, 'email_exists')
  })

  it('makes links of every kind that it mails to nobody', async () => {
    const admin = adminApi(server)
    const options = { redirectTo: appUri }
    const { email } = freshPerson()
    const signUp = dataOf(await admin.generateLink({ type: 'signup', email, password, options })).properties
    assert.equal(signUp.redirect_to, appUri)
    const target = await follow(server, signUp.action_link)
    assert.match(target.hash, /^#access_token=/)
    sessionOf(await authClient(server).signInWithPassword({ email, password }))

    for (const type of ['magiclink', 'recovery'] as const) {
      const made = dataOf(await admin.generateLink({ type, email, options }))
      assert.equal(made.user.email, email)
      assert.equal(made.properties.verification_type, type)
      const { hashed_token: token_hash } = made.properties
      sessionOf(await authClient(server).verifyOtp({ type, token_hash }))
    }
    const byCode = dataOf(await admin.generateLink({ type: 'magiclink', email })).properties
    sessionOf(await authClient(server).verifyOtp({ type: 'email', email, token: byCode.email_otp }))
    const invited = freshPerson().email
    const invite = dataOf(await admin.generateLink({ type: 'invite', email: invited, options })).properties
    sessionOf(await authClient(server).verifyOtp({ type: 'invite', token_hash: invite.hashed_token }))
    assert.deepEqual(
      (await server.mailbox()).filter(({ to }) => to === email || to === invited),
      [],
    )
  })

  it('makes the two links of a change of address', async () => {
    const admin = adminApi(server)
    const { email } = await signUpConfirmed(server, authClient(server))
    const newEmail = freshPerson().email
    const hashes: string[] = []
    for (const type of ['email_change_current', 'email_change_new'] as const) {
      const { properties, user } = dataOf(await admin.generateLink({ type, email, newEmail }))
      assert.equal(user.new_email, newEmail)
      hashes.push(properties.hashed_token)
    }
    const [current = '', fresh = ''] = hashes
    const auth = authClient(server)
    const half = await auth.verifyOtp({ type: 'email_change', token_hash: current })
    assert.deepEqual(half, { data: { user: null, session: null }, error: null })
    const whole = sessionOf(await auth.verifyOtp({ type: 'email_change', token_hash: fresh }))
    assert.equal(whole.user.email, newEmail)
    sessionOf(await authClient(server).signInWithPassword({ email: newEmail, password }))
    assert.ok(!(await server.mailbox()).some(({ to }) => to === newEmail))
  })

  it('reads and removes factors, and signs others out', async () => {
    const admin = adminApi(server)
    const auth = authClient(server)
    const { session } = await signUpConfirmed(server, auth)
    const userId = session.user.id
    const { id } = dataOf(await auth.mfa.enroll({ factorType: 'totp' }))
    assert.deepEqual(
      dataOf(await admin.mfa.listFactors({ userId })).factors.map((factor) => factor.id),
      [id],
    )
    dataOf(await admin.mfa.deleteFactor({ userId, id }))
    assert.deepEqual(dataOf(await admin.mfa.listFactors({ userId })).factors, [])
    assert.equal((await admin.signOut(session.access_token)).error, null)
    assert.equal((await auth.getUser()).data.user, null)
  })

  it('is for those who have its key alone', async () => {
    const { session } = await signUpConfirmed(server, authClient(server))
    assertRefused(await adminApi(server, session.access_token).listUsers(), 403, 'not_admin')
    assertRefused(await adminApi(server, 'no-key-of-anybody-but-as-long-as-one').listUsers(), 403, 'bad_jwt')
    const { status } = await server.request('GET', '/auth/v1/admin/users')
    assert.equal(status, 401)
    // A browser that had one would show it to everybody.
    const headers = { origin: appOrigin }
    const { status: inBrowser } = await server.request('GET', '/auth/v1/admin/users', {
      bearer: serviceKey,
      headers,
    })
    assert.ok(inBrowser === 401 || inBrowser === 403)
  })
})
