import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { execute, select } from '../../harness/database.ts'
import { claimsOf, freshEmail, useServer } from '../../harness/harness.ts'
import { endOfJobs } from '../../harness/jobs.ts'
import { useHooks } from '../../hooks/receiver.ts'
import { openWithFactor, stepUp } from './factors.ts'
import {
  ask,
  assertRefused,
  codeIn,
  confirmedAccount,
  mailFor,
  post,
  signIn,
  signUp,
  tokenIn,
  verify,
} from './mails.ts'

describe('who signs in by a mail', () => {
  const server = useServer('sqlite')
  const mails = [
    { path: '/otp', about: 'magiclink' },
    { path: '/recover', about: 'recovery' },
  ] as const

  it('has still to show the second factor', async () => {
    const person = await openWithFactor(server)
    for (const { path, about } of mails) {
      const sent = await mailFor(server, { path, about, email: person.email })
      const { body } = await verify(server, { type: about, token_hash: tokenIn(sent) })
      const { aal, role } = claimsOf(body.access_token)
      assert.deepEqual([aal, role], ['aal1', 'mfa_pending'])
      const factors = await server.request('POST', '/auth/v1/factors', {
        bearer: body.access_token,
        json: { factor_type: 'totp' },
      })
      assertRefused(factors, 403, 'insufficient_aal')
      server.clock.advance(60_000)
      const { access } = await stepUp(server, body.access_token, person)
      assert.equal(claimsOf(access).aal, 'aal2')
    }
  })

  it('is nobody whose account is disabled, before or after the mail', async () => {
    const { email } = await confirmedAccount(server)
    const sent = []
    for (const mail of mails) sent.push(await mailFor(server, { ...mail, email }))
    await execute(
      server.env.DATABASE_URL ?? '',
      `update accounts set disabled_at = 1 where email = '${email}'`,
    )
    for (const [index, { about: type }] of mails.entries()) {
      const mail = sent[index]
      assert.ok(mail)
      assertRefused(await verify(server, { type, token_hash: tokenIn(mail) }), 403, 'otp_expired')
      assertRefused(await verify(server, { type, email, token: codeIn(mail) }), 403, 'otp_expired')
    }
    const count = (await server.mailbox()).length
    for (const { path } of mails) assert.equal((await post(server, path, { email })).status, 200)
    await endOfJobs(server)
    assert.equal((await server.mailbox()).length, count)
  })

  it('is not who has the link of an account that has been taken over since', async () => {
    const email = freshEmail()
    const squatted = await signUp(server, email, { password: 'the-squatters-password' })
    const recovery = await mailFor(server, { path: '/recover', about: 'recovery', email })
    const magic = await mailFor(server, { path: '/otp', about: 'magiclink', email })
    assert.equal((await verify(server, { type: 'magiclink', token_hash: tokenIn(magic) })).status, 200)
    for (const [type, mail] of [
      ['signup', squatted],
      ['recovery', recovery],
    ] as const)
      assertRefused(await verify(server, { type, token_hash: tokenIn(mail) }), 403, 'otp_expired')
    assertRefused(await signIn(server, email, 'the-squatters-password'), 400, 'invalid_credentials')
  })

  it('has the last request’s link alone', async () => {
    const { email } = await confirmedAccount(server)
    const first = await mailFor(server, { path: '/recover', about: 'recovery', email })
    const second = await mailFor(server, { path: '/recover', about: 'recovery', email })
    assertRefused(await verify(server, { type: 'recovery', token_hash: tokenIn(first) }), 403, 'otp_expired')
    assert.equal((await verify(server, { type: 'recovery', email, token: codeIn(second) })).status, 200)
  })

  it('leaves one account for two who open one with the same address at once', async () => {
    const email = freshEmail()
    const sent = await mailFor(server, { path: '/otp', about: 'magiclink', email })
    const [used] = await Promise.all([
      verify(server, { type: 'email', token_hash: tokenIn(sent) }),
      post(server, '/signup', { email, password: 'the-squatters-password' }),
    ])
    assert.equal(used.status, 200, used.text)
    assert.equal((await ask(server, used.body.access_token)).status, 200)
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select id from accounts where email = '${email}'`,
    )
    assert.deepEqual(
      rows.map(({ id }) => id),
      [used.body.user.id],
    )
    assertRefused(await signIn(server, email, 'the-squatters-password'), 400, 'invalid_credentials')
  })
})

describe('hooks at the mails of gotrue', () => {
  const { server, receiver } = useHooks('sqlite')

  it('are asked before an account is opened and before a session is, and a refusal uses nothing up', async () => {
    const email = freshEmail()
    receiver.answer({ decision: 'allow' })
    const sent = await mailFor(server, { path: '/otp', about: 'magiclink', email })
    assert.deepEqual(receiver.questions(), [])
    receiver.answer({ decision: 'refuse' })
    const token_hash = tokenIn(sent)
    assertRefused(await verify(server, { type: 'email', token_hash }), 403, 'not_admin')
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select id from accounts where email = '${email}'`,
    )
    assert.deepEqual(rows, [])
    receiver.answer({ decision: 'allow' })
    assert.equal((await verify(server, { type: 'email', token_hash })).status, 200)
    const asked = receiver
      .questions()
      .map(({ type, data }) => [type, data.account.emailVerified, data.methods])
    assert.deepEqual(asked, [
      ['hook.before_sign_up', true, undefined],
      ['hook.before_sign_in', true, ['email']],
    ])
  })
})

describe('mails where nothing but a proven address recovers an account', () => {
  const server = useServer('sqlite', {
    yaml: JSON.stringify({ realms: { main: { unprovenRecovery: 'never' } } }),
    dialects: { gotrue: { registration: 'on' } },
  })

  it('recover no account that nobody has proven', async () => {
    const email = freshEmail()
    await signUp(server, email)
    await post(server, '/recover', { email })
    await endOfJobs(server)
    assert.equal((await server.mailbox()).filter(({ to }) => to === email).length, 1)
  })
})
