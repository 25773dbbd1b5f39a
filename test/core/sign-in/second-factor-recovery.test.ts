import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  answerChallenge,
  assertCode,
  challengeFor,
  invalidChallenge,
  login,
  nextCode,
  registerWithSecondFactor,
  send,
  tokensOf,
} from '../../dialects/wolfpal/door.ts'
import { mailCausedBy, onEveryEngine, queryOf, type TestServer, useServer } from '../../harness/harness.ts'

type Person = Awaited<ReturnType<typeof registerWithSecondFactor>>

const password = 'a password set meanwhile'

/** The ways in which somebody may come to a new password. */
const ways: Record<string, (server: TestServer, person: Person) => Promise<void>> = {
  'a reset': async (server, { email }) => {
    const token = await mailReset(server, '/api/user/forgot-password', email)
    const json = { password, confirmPassword: password }
    const answer = await send(server, 'POST', `/user/reset-password/${token}`, { json })
    const text = 'Your password has been updated. Please try logging in with your new password.'
    assertCode(answer, 200, 'UPDATED', text)
  },
  'a reset on the hosted page': async (server, { email }) => {
    const token = await mailReset(server, '/api/user/forgot-password', email)
    const answer = await server.request('POST', '/ui/reset-password', { form: { token, password } })
    assert.equal(answer.status, 200)
    assert.doesNotMatch(answer.text, /eyJ/)
    assert.deepEqual(answer.cookies, [])
  },
  'a reset at minbil': async (server, { email }) => {
    const token = await mailReset(server, '/api/co/auth/forgot-password', email)
    const answer = await server.request('POST', '/api/co/auth/reset-password', { json: { token, password } })
    assert.equal(answer.text, JSON.stringify({ message: 'Password has been reset.' }))
    assert.deepEqual(answer.cookies, [])
  },
  'a reset at credebl': async (server, { email }) => {
    const token = await mailReset(server, '/auth/forgot-password', email, 'verificationCode')
    const path = `/auth/password-reset/${encodeURIComponent(email)}`
    const answer = await server.request('POST', path, { json: { token, password } })
    assert.equal(answer.status, 200)
    assert.doesNotMatch(answer.text, /token|eyJ/)
    assert.deepEqual(answer.cookies, [])
  },
  'a change': async (server, { access, password: oldPassword }) => {
    const json = { oldPassword, newPassword: password }
    const answer = await send(server, 'PUT', '/account/change-password', { bearer: access, json })
    assert.deepEqual(answer.body, { code: 'PASSWORD_CHANGED', message: 'Your password has been changed.' })
  },
}

async function mailReset(server: TestServer, path: string, email: string, name = 'token'): Promise<string> {
  const { links } = await mailCausedBy(server, { to: email, subject: /^Set a new password/ }, () =>
    server.request('POST', path, { json: { email } }),
  )
  return queryOf(links[0], name)
}

onEveryEngine('a second factor and a new password', (engine) => {
  const server = useServer(engine)

  for (const [what, setPassword] of Object.entries(ways)) {
    it(`${what} voids the challenges of the old one, and leaves the factor in force`, async () => {
      const person = await registerWithSecondFactor(server)
      const before = await challengeFor(server, person)
      await setPassword(server, person)

      const code = nextCode(server, person.secret)
      assertCode(await answerChallenge(server, before, code), ...invalidChallenge)
      assert.equal((await login(server, person)).status, 400)
      const after = await login(server, { ...person, password })
      assert.deepEqual(Object.keys(after.body), ['code', 'error', 'token', 'twoFactor'])
      assert.equal(after.body.code, 'TWO_FACTOR_REQUIRED')
      tokensOf(await answerChallenge(server, after.body.token, code))
      const [recoveryCode = ''] = person.backupCodes
      const challenge = await challengeFor(server, { ...person, password })
      tokensOf(await answerChallenge(server, challenge, recoveryCode))
    })
  }
})
