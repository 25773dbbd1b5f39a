import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertFailure, isSignedIn, post } from '../../dialects/credebl/door.ts'
import {
  assertCode,
  codeAt,
  nextCode,
  type Person,
  password,
  registerWithSecondFactor,
  send,
  toNextStep,
  whoAmI,
  wrongAccountCode,
  wrongCode,
} from '../../dialects/wolfpal/door.ts'
import { execute } from '../../harness/database.ts'
import { type Answer, freshEmail, onEveryEngine, type TestServer, useServer } from '../../harness/harness.ts'
import { squat, squatted } from '../../harness/squatting.ts'
import { behindProxy, freshAddress, from } from '../../limits/callers.ts'

const newPassword = 'another password, and long'
const needed = [401, 'Two factor is required'] as const

onEveryEngine('changing the password of an account with a second factor', (engine) => {
  const server = useServer(engine)

  const change = (
    { email }: Pick<Person, 'email'>,
    { bearer, ...fields }: { bearer?: string; [field: string]: unknown } = {},
  ): Promise<Answer> =>
    post(server, '/reset-password', {
      json: { email, oldPassword: password, newPassword, ...fields },
      bearer,
    })

  describe('at credebl', () => {
    it('needs more than the password, and reveals no more than a sign-in does', async () => {
      const person = await registerWithSecondFactor(server)
      assertFailure(await change(person), ...needed)
      assertFailure(await change(person, { newPassword: password }), ...needed)
      assertFailure(await change(person, { code: '' }), ...needed)
      const guess = { oldPassword: 'wrong-password', code: nextCode(server, person.secret) }
      assertFailure(await change(person, guess), 401, 'Invalid Credentials')
      assertFailure(await change({ email: freshEmail() }), 401, 'Invalid Credentials')
      await assertUnchanged(person)
      assert.equal((await whoAmI(server, person.access)).status, 200)
    })

    it('accepts a code beside it, once', async () => {
      const person = await registerWithSecondFactor(server)
      for (const wrong of [wrongCode(server, person.secret), 'nonsense'])
        assertFailure(await change(person, { code: wrong }), 401, 'Invalid two factor code')
      await assertUnchanged(person)
      const code = nextCode(server, person.secret)
      assert.equal((await change(person, { code })).status, 200)
      assert.equal((await whoAmI(server, person.access)).status, 401)
      const back = { oldPassword: newPassword, newPassword: password }
      assertFailure(await change(person, { ...back, code }), 401, 'Invalid two factor code')
      assert.equal((await change(person, { ...back, code: person.backupCodes[0] })).status, 200)
      await assertUnchanged(person)
    })

    it('consumes no code for a rejected password', async () => {
      const person = await registerWithSecondFactor(server)
      const code = person.backupCodes[0]
      assert.equal((await change(person, { code, newPassword: 'short' })).status, 400)
      assert.equal((await change(person, { code, newPassword: password })).status, 400)
      assert.equal((await change(person, { code })).status, 200)
    })

    it('accepts a session that has shown it, and no other', async () => {
      const person = await registerWithSecondFactor(server)
      const bearer = await signInWithCode(person)
      await asIfBegunBefore(person)
      assertFailure(await change(person, { bearer }), ...needed)
      await assertUnchanged(person)
      assert.equal(await isSignedIn(server, bearer), true)
      const fresh = await signInWithCode(person)
      assert.equal((await change(person, { bearer: fresh })).status, 200)
      assert.equal(await isSignedIn(server, fresh), false)
    })

    it('accepts no session of another account', async () => {
      const [person, stranger] = [
        await registerWithSecondFactor(server),
        await registerWithSecondFactor(server),
      ]
      const answer = await change(person, { bearer: await signInWithCode(stranger) })
      assertFailure(answer, 403, 'You are not allowed to reset the password of another user')
      await assertUnchanged(person)
    })
  })

  describe('at wolfpal', () => {
    const changeOwn = ({ access }: { access: string }, fields: object = {}) =>
      send(server, 'PUT', '/account/change-password', {
        bearer: access,
        json: { oldPassword: password, newPassword, ...fields },
      })

    it('accepts a session that has shown it, such as the one that set it up', async () => {
      const person = await registerWithSecondFactor(server)
      assert.equal((await changeOwn(person)).status, 200)
    })

    it('accepts no other session without a code', async () => {
      const person = await registerWithSecondFactor(server)
      await asIfBegunBefore(person)
      for (const fields of [{}, { code: null }])
        assertCode(await changeOwn(person, fields), 403, 'TWO_FACTOR_REQUIRED', 'Two Factor is required.')
      const code = wrongCode(server, person.secret)
      assertCode(await changeOwn(person, { code }), ...wrongAccountCode)
      await assertUnchanged(person)
      assert.equal((await changeOwn(person, { code: nextCode(server, person.secret) })).status, 200)
    })
  })

  async function signInWithCode({ email, secret }: Person & { secret: string }): Promise<string> {
    const challenged = await post(server, '/signin', { json: { email, password } })
    const { twoFactorToken } = challenged.body.data
    toNextStep(server)
    const json = { twoFactorToken, code: codeAt(server, secret) }
    const answer = await post(server, '/signin/two-factor', { json })
    assert.equal(answer.status, 200, answer.text)
    return answer.body.data.access_token
  }

  /** Makes its sessions such as former releases have left: begun before there was a second factor. */
  async function asIfBegunBefore({ email }: Person): Promise<void> {
    await execute(
      server.env.DATABASE_URL ?? '',
      `update sessions set second_factor_at = null
       where account_id = (select id from accounts where email = '${email}')`,
    )
  }

  async function assertUnchanged({ email }: Person): Promise<void> {
    const answer = await post(server, '/signin', { json: { email, password } })
    assert.equal(answer.body.message, 'Two factor is required to complete login', answer.text)
  }
})

onEveryEngine('changing the password of an account that may not sign in', (engine) => {
  const server = useServer(engine)

  it('is refused as the sign-in is where the address is unproven', async () => {
    const email = await squat(server)
    const fields = { email, oldPassword: squatted, newPassword }
    assertFailure(await post(server, '/reset-password', { json: fields }), 401, 'Please verify your email')
    const wrong = { ...fields, oldPassword: 'wrong-password' }
    assertFailure(await post(server, '/reset-password', { json: wrong }), 401, 'Invalid Credentials')
    const json = { email, password: squatted }
    assert.equal((await server.request('POST', '/api/co/auth/sign-in', { json })).status, 200)
  })
})

onEveryEngine('limits and changing a password', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy })

  it('count a right one without the second factor like a wrong one', async () => {
    const at = (address: string): TestServer => ({ ...server, ...from(server, address) })
    const person = await registerWithSecondFactor({
      mail: server.mail,
      clock: server.clock,
      ...from(server, freshAddress()),
    })
    const json = { email: person.email, oldPassword: password, newPassword }
    const stranger = at(freshAddress())
    for (let attempt = 0; attempt < 10; attempt++)
      assertFailure(await post(stranger, '/reset-password', { json }), ...needed)
    assert.equal((await post(stranger, '/reset-password', { json })).status, 429)
    const signIn = { json: { email: person.email, password } }
    assert.equal((await post(stranger, '/signin', signIn)).status, 429)
    assert.equal((await post(at(freshAddress()), '/signin', signIn)).status, 200)
  })
})
