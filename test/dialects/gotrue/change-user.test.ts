import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openAccount, type Session, signInAgain } from '../../contract/support.ts'
import { copySecondFactor } from '../../harness/copied-second-factor.ts'
import { type Answer, claimsOf, mailCausedBy, onEveryEngine, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { gotrue } from './adapter.ts'

const path = '/auth/v1/user'
const day = 24 * 60 * 60_000
const newPassword = 'another password altogether'

onEveryEngine('changes of a user at gotrue', (engine) => {
  const server = useServer(engine)

  const open = async (): Promise<Session> => signInAgain(gotrue, server, await openAccount(gotrue, server))
  const change = (bearer: string, json: object): Promise<Answer> =>
    server.request('PUT', path, { bearer, json })
  const user = async (bearer: string) => (await gotrue.ask(server, bearer)).body
  const isOpen = async ({ access }: { access: string }) => (await gotrue.ask(server, access)).status === 200
  const signIn = async (email: string, password: string) =>
    (await gotrue.signIn(server, { email, password })).answer.status
  const mailedNonce = async ({ access, email }: Session): Promise<string> => {
    const { subject } = await mailCausedBy(server, { to: email, subject: /is your code/ }, async () => {
      const answer = await server.request('GET', '/auth/v1/reauthenticate', { bearer: access })
      assert.deepEqual([answer.status, answer.body], [200, {}])
    })
    return subject.slice(0, 6)
  }
  const assertRefused = (answer: Answer, status: number, code: string, message?: string) => {
    assert.deepEqual([answer.status, answer.body.error_code], [status, code], answer.text)
    if (message) assert.equal(answer.body.msg, message)
  }

  describe('data', () => {
    it('is merged into what was there, and null takes a name away', async () => {
      const { access } = await open()
      await change(access, { data: { name: 'Ada', theme: { dark: true }, pets: ['cat'] } })
      const answer = await change(access, { data: { name: null, theme: { size: 2 }, city: 'Oslo' } })
      assert.equal(answer.status, 200, answer.text)
      const { user_metadata } = answer.body
      assert.equal('name' in user_metadata, false)
      assert.deepEqual(user_metadata.theme, { size: 2 })
      assert.deepEqual([user_metadata.pets, user_metadata.city], [['cat'], 'Oslo'])
      assert.deepEqual((await user(access)).user_metadata, user_metadata)
      assert.equal(answer.body.updated_at, (await user(access)).updated_at)
    })

    it('keeps both of two changes at once', async () => {
      const { access } = await open()
      const answers = await Promise.all([
        change(access, { data: { one: 1 } }),
        change(access, { data: { two: 2 } }),
      ])
      for (const answer of answers) assert.equal(answer.status, 200, answer.text)
      const { one, two } = (await user(access)).user_metadata
      assert.deepEqual([one, two], [1, 2])
    })

    it('has a size, over which nothing of it is kept', async () => {
      const { access } = await open()
      const big = (name: string) => ({ data: { [name]: 'x'.repeat(6000) } })
      assert.equal((await change(access, big('a'))).status, 200)
      assert.equal((await change(access, big('b'))).status, 200)
      assertRefused(await change(access, big('c')), 400, 'validation_failed')
      assertRefused(await change(access, { data: { d: 'x'.repeat(7000) } }), 400, 'validation_failed')
      const { user_metadata } = await user(access)
      assert.equal('c' in user_metadata || 'd' in user_metadata, false)
      assert.equal((await change(access, { data: { a: null } })).status, 200)
      assert.equal((await change(access, big('c'))).status, 200)
    })

    it('takes names of every kind, and says little of them', async () => {
      const { access } = await open()
      const name = `a \n\u001b${'n'.repeat(1000)}`
      const answer = await change(access, { data: { [name]: 1, __proto__x: 2 } })
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.body.user_metadata[name], 1)
      for (const data of [['list'], { 'a\u0000': 1 }, { '\ud83d': 1 }])
        assertRefused(await change(access, { data }), 400, 'validation_failed')
    })
  })

  describe('a password', () => {
    it('is set by a new session; all others end, and the owner is told', async () => {
      const session = await open()
      const other = await signInAgain(gotrue, server, session)
      await mailCausedBy(
        server,
        { to: session.email, subject: /^Your password .* was changed/ },
        async () => {
          const answer = await change(session.access, { password: newPassword, data: { name: 'Ada' } })
          assert.equal(answer.status, 200, answer.text)
          assert.equal(answer.body.user_metadata.name, 'Ada')
        },
      )
      assert.deepEqual([await isOpen(session), await isOpen(other)], [true, false])
      assert.equal(await signIn(session.email, session.password), 400)
      assert.equal(await signIn(session.email, newPassword), 200)
    })

    it('must be another one, and long enough', async () => {
      const session = await open()
      const same = await change(session.access, { password: session.password })
      assertRefused(same, 422, 'same_password', 'New password should be different from the old password.')
      const short = await change(session.access, { password: '1234567' })
      assertRefused(short, 422, 'weak_password', 'Password should be at least 8 characters.')
      assert.deepEqual(short.body.weak_password, { reasons: ['length'] })
      assert.equal(await signIn(session.email, session.password), 200)
    })

    it('takes the current one along, which must be right', async () => {
      const session = await open()
      server.clock.advance(2 * day)
      const { access } = await renew(session)
      const wrong = await change(access, { password: newPassword, current_password: 'wrong-password' })
      assertRefused(wrong, 400, 'current_password_invalid')
      assert.equal(await signIn(session.email, session.password), 200)
      const right = await change(access, { password: newPassword, current_password: session.password })
      assert.equal(right.status, 200, right.text)
      assert.equal(await signIn(session.email, newPassword), 200)
    })
  })

  describe('a password after a day', () => {
    it('takes a code that was mailed to this session, once', async () => {
      const session = await open()
      server.clock.advance(day + 60_000)
      const { access } = await renew(session)
      const needed = await change(access, { password: newPassword })
      assertRefused(needed, 400, 'reauthentication_needed', 'Password update requires reauthentication')
      const nonce = await mailedNonce({ ...session, access })
      const other = await signInAgain(gotrue, server, session)
      server.clock.advance(day + 60_000)
      const { access: second } = await renew(other)
      const late = await change((await renew(session)).access, {
        password: newPassword,
        nonce,
      })
      assertRefused(late, 422, 'reauthentication_not_valid')
      const { access: first } = await renew(session)
      const fresh = await mailedNonce({ ...session, access: first })
      const foreign = await change(second, { password: newPassword, nonce: fresh })
      assertRefused(foreign, 422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')
      const done = await change(first, { password: newPassword, nonce: fresh })
      assert.equal(done.status, 200, done.text)
      const again = await change(first, { password: session.password, nonce: fresh })
      assertRefused(again, 422, 'reauthentication_not_valid')
    })

    it('has a code that dies by five guesses', async () => {
      const session = await open()
      server.clock.advance(day + 60_000)
      const { access } = await renew(session)
      const nonce = await mailedNonce({ ...session, access })
      const wrong = nonce === '000000' ? '111111' : '000000'
      for (let guess = 0; guess < 5; guess++) {
        const answer = await change(access, { password: newPassword, nonce: wrong })
        assertRefused(answer, 422, 'reauthentication_not_valid')
      }
      assertRefused(await change(access, { password: newPassword, nonce }), 422, 'reauthentication_not_valid')
      assert.equal(await signIn(session.email, session.password), 200)
    })
  })

  describe('what is not for users', () => {
    it('is refused, and nothing else of the request is done', async () => {
      const { access } = await open()
      const data = { name: 'Ada' }
      assertRefused(await change(access, { app_metadata: { admin: true }, data }), 403, 'not_admin')
      assertRefused(await change(access, { phone: '+4712345678', data }), 422, 'phone_provider_disabled')
      assertRefused(await change(access, { email: 'invalid-email', data }), 400, 'validation_failed')
      const { user_metadata, app_metadata, phone } = await user(access)
      assert.equal('name' in user_metadata, false)
      assert.deepEqual([app_metadata, phone], [{ provider: 'email', providers: ['email'] }, ''])
    })

    it('is only for callers', async () => {
      assertRefused(await server.request('PUT', path, { json: { data: {} } }), 401, 'no_authorization')
      assertRefused(await server.request('GET', '/auth/v1/reauthenticate'), 401, 'no_authorization')
    })

    it('changes nothing where nothing is asked for, or what is there', async () => {
      const { access, email } = await open()
      const before = await user(access)
      const answer = await change(access, { email, phone: '', password: null, data: null, nonce: '' })
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual(answer.body, before)
      await endOfJobs(server)
      assert.equal((await server.mailbox()).filter(({ to }) => to === email).length, 1)
    })
  })

  it('asks for the second factor of the account', async () => {
    const session = await open()
    await copySecondFactor(server, claimsOf(session.access).sub, 'JBSWY3DPEHPK3PXP')
    for (const json of [{ password: newPassword }, { data: { name: 'Ada' } }])
      assertRefused(await change(session.access, json), 401, 'insufficient_aal')
    const asked = await server.request('GET', '/auth/v1/reauthenticate', { bearer: session.access })
    assertRefused(asked, 401, 'insufficient_aal')
    assert.equal(await signIn(session.email, session.password), 200)
  })

  async function renew({ refresh }: { refresh: string }): Promise<{ access: string }> {
    const { tokens } = (await gotrue.refreshing?.refresh(server, refresh)) ?? {}
    assert.ok(tokens)
    return tokens
  }
})
