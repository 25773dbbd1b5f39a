import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshEmail, mailCausedBy, queryOf, useServer } from '../../harness/harness.ts'
import {
  assertCode,
  assertFieldsRefused,
  assertUnauthorized,
  badLink,
  login,
  password,
  refresh,
  registerAndSignIn,
  send,
  signIn,
  signUp,
  tokensOf,
  whoAmI,
} from './door.ts'

const newPassword = 'another password altogether'
const updated = [
  200,
  'UPDATED',
  'Your password has been updated. Please try logging in with your new password.',
] as const

describe('recovering a password at wolfpal', () => {
  const server = useServer('sqlite')

  const forgot = (email: unknown) => send(server, 'POST', '/user/forgot-password', { json: { email } })
  const reset = (token: string, json: unknown = { password: newPassword, confirmPassword: newPassword }) =>
    send(server, 'POST', `/user/reset-password/${token}`, { json })
  async function mailToken(email: string): Promise<string> {
    const { links } = await mailCausedBy(server, { to: email, subject: /^Set a new password/ }, async () =>
      assert.equal((await forgot(email)).status, 200),
    )
    return queryOf(links[0], 'token')
  }

  it('answers the same for known and unknown addresses, and repeats them as they were typed', async () => {
    const { email: known } = await registerAndSignIn(server)
    for (const email of [known, freshEmail(), known.toUpperCase()]) {
      const instructions = 'with further instructions on how to reset your password'
      const text = `An Email has been sent to ${email} ${instructions}. Please check your email account.`
      assertCode(await forgot(email), 200, 'PENDING_CONFIRMATION', text)
    }
  })

  it('names the field that is missing or wrong', async () => {
    assertFieldsRefused(await forgot(undefined), { email: 'REQUIRED' })
    assertFieldsRefused(await forgot(''), { email: 'REQUIRED' })
    assertFieldsRefused(await forgot('wolf'), { email: 'INVALID' })
    assertFieldsRefused(await forgot(['a@example.com']), { email: 'INVALID' })
  })

  it('ends every session and tells the owner', async () => {
    const person = await registerAndSignIn(server)
    const other = await signIn(server, person)
    assertCode(await reset(await mailToken(person.email)), ...updated)
    await server.mail(person.email, /^Your password .* was changed/)
    for (const { access, refresh: token } of [person, other]) {
      assertUnauthorized(await whoAmI(server, access))
      assertUnauthorized(await refresh(server, token))
    }
    assert.equal((await login(server, person)).status, 400)
    await signIn(server, { ...person, password: newPassword })
  })

  it('refuses passwords that do not match or cannot be used, and the link stays good', async () => {
    const person = await registerAndSignIn(server)
    const token = await mailToken(person.email)
    const required = { password: 'REQUIRED', confirmPassword: 'REQUIRED' }
    assertFieldsRefused(await reset(token, {}), required)
    assertFieldsRefused(await reset(token, { password: '', confirmPassword: null }), required)
    assertFieldsRefused(await reset(token, { password: newPassword }), { confirmPassword: 'REQUIRED' })
    assertFieldsRefused(await reset(token, { confirmPassword: newPassword }), { password: 'REQUIRED' })
    const mismatch = { password: newPassword, confirmPassword: `${newPassword} ` }
    assertFieldsRefused(await reset(token, mismatch), { confirmPassword: 'NO_MATCH' })
    const misspelt = { password: newPassword, comfirmPassword: 'something else' }
    assertFieldsRefused(await reset(token, misspelt), { comfirmPassword: 'NO_MATCH' })
    const empty = { password: newPassword, comfirmPassword: '' }
    assertFieldsRefused(await reset(token, empty), { comfirmPassword: 'REQUIRED' })
    const both = { ...mismatch, comfirmPassword: newPassword }
    assertFieldsRefused(await reset(token, both), { confirmPassword: 'NO_MATCH' })
    const short = { password: '1234567', confirmPassword: '1234567' }
    assertFieldsRefused(await reset(token, short), { password: 'NOT_LONG_ENOUGH' })
    const long = 'x'.repeat(257)
    assertFieldsRefused(await reset(token, { password: long, confirmPassword: long }), {
      password: 'INVALID',
    })
    const wrongType = { password: 12345678, confirmPassword: 12345678 }
    assertFieldsRefused(await reset(token, wrongType), { password: 'INVALID', confirmPassword: 'INVALID' })

    assert.equal((await whoAmI(server, person.access)).status, 200)
    assertCode(await reset(token), ...updated)
  })

  it('refuses links that are used, old, unknown or replaced', async () => {
    const { email } = await registerAndSignIn(server)
    const replaced = await mailToken(email)
    const used = await mailToken(email)
    assertCode(await reset(replaced), ...badLink)
    assertCode(await reset(used), ...updated)
    assertCode(await reset(used), ...badLink)
    const old = await mailToken(email)
    server.clock.advance(3_601_000)
    assertCode(await reset(old), ...badLink)
    for (const unknown of ['x', '0'.repeat(64), '%00']) assertCode(await reset(unknown), ...badLink)
    tokensOf(await login(server, { email, password: newPassword }))
  })

  it('refuses the links of other doors', async () => {
    const { email } = await registerAndSignIn(server)
    const { links } = await mailCausedBy(server, { to: email, subject: /^Set a new password/ }, () =>
      server.request('POST', '/api/co/auth/forgot-password', { json: { email } }),
    )
    assertCode(await reset(queryOf(links[0], 'token')), ...badLink)
    tokensOf(await login(server, { email, password }))
  })

  it('works on the hosted page, too', async () => {
    const person = await registerAndSignIn(server)
    const token = await mailToken(person.email)
    const answer = await server.request('POST', '/ui/reset-password', {
      form: { token, password: newPassword },
    })
    assert.equal(answer.status, 200)
    await signIn(server, { ...person, password: newPassword })
    assertCode(await reset(token), ...badLink)
  })

  it('confirms the address of somebody who never did, as the link was read there', async () => {
    const person = await signUp(server)
    assertCode(await reset(await mailToken(person.email)), ...updated)
    await signIn(server, { ...person, password: newPassword })
  })
})
