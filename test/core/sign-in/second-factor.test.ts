import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  answerChallenge,
  assertCode,
  assertFieldsRefused,
  challengeFor,
  codeAt,
  confirm,
  disable,
  enrol,
  invalidChallenge,
  login,
  nextCode,
  notInitialized,
  registerAndSignIn,
  registerWithSecondFactor,
  send,
  tokensOf,
  toNextStep,
  whoAmI,
  wrongAccountCode,
  wrongCode,
  wrongLoginCode,
} from '../../dialects/wolfpal/door.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'

const minute = 60_000
const alreadyEnabled = [409, 'TWO_FACTOR_ALREADY_ENABLED', 'Two factor is already enabled.'] as const

/** Text that is no code, whatever the secret. */
const nonsense = [
  'abcdef',
  'éééééé',
  '１２３４５６',
  '\0\0\0\0\0\0',
  '12345',
  '1234567',
  '-12345',
  '1e5',
  ' ',
  'a'.repeat(9000),
]

onEveryEngine('a second factor', (engine) => {
  const server = useServer(engine)

  describe('that is not confirmed', () => {
    it('has no effect', async () => {
      const person = await registerAndSignIn(server)
      const { secret, backupCodes } = await enrol(server, person.access)
      assert.equal((await whoAmI(server, person.access)).body.user.twoFactor, false)
      assert.equal((await login(server, person)).body.twoFactor, false)
      for (const code of [codeAt(server, secret), backupCodes[0] ?? ''])
        assertCode(await disable(server, person.access, code), ...notInitialized)
    })

    it('is replaced by a newer one', async () => {
      const person = await registerAndSignIn(server)
      const older = await enrol(server, person.access)
      const newer = await enrol(server, person.access)
      assert.notEqual(newer.secret, older.secret)
      assertCode(await confirm(server, person.access, nextCode(server, older.secret)), ...wrongAccountCode)
      assert.equal((await confirm(server, person.access, codeAt(server, newer.secret))).status, 200)
      const challenge = await challengeFor(server, person)
      for (const code of [nextCode(server, older.secret), older.backupCodes[0] ?? ''])
        assertCode(await answerChallenge(server, challenge, code), ...wrongLoginCode)
      tokensOf(await answerChallenge(server, challenge, newer.backupCodes[0] ?? ''))
    })

    it('is confirmed by a code of its own, which is then used up', async () => {
      const person = await registerAndSignIn(server)
      assertCode(await confirm(server, person.access, '123456'), ...notInitialized)
      const { secret, backupCodes } = await enrol(server, person.access)
      for (const wrong of [wrongCode(server, secret), backupCodes[0] ?? '', ...nonsense])
        assertCode(await confirm(server, person.access, wrong), ...wrongAccountCode)
      assertFieldsRefused(await confirm(server, person.access, ''), { code: 'REQUIRED' })
      const code = nextCode(server, secret)
      assert.equal((await confirm(server, person.access, code)).status, 200)
      assertCode(await confirm(server, person.access, code), ...notInitialized)
      assertCode(await answerChallenge(server, await challengeFor(server, person), code), ...wrongLoginCode)
    })

    it('is confirmed by a code of the previous or next step, and of no other', async () => {
      for (const [steps, status] of [
        [-2, 400],
        [2, 400],
        [-1, 200],
        [1, 200],
      ] as const) {
        const { access } = await registerAndSignIn(server)
        const { secret } = await enrol(server, access)
        toNextStep(server)
        assert.equal((await confirm(server, access, codeAt(server, secret, steps))).status, status)
      }
    })
  })

  describe('in force', () => {
    it('is not replaced', async () => {
      const person = await registerWithSecondFactor(server)
      const { access, secret, backupCodes } = person
      assertCode(await send(server, 'POST', '/account/two-factor', { bearer: access }), ...alreadyEnabled)
      assertCode(await confirm(server, access, nextCode(server, secret)), ...notInitialized)
      tokensOf(await answerChallenge(server, await challengeFor(server, person), codeAt(server, secret)))
      tokensOf(await answerChallenge(server, await challengeFor(server, person), backupCodes[0] ?? ''))
    })

    it('accepts every code once', async () => {
      const person = await registerWithSecondFactor(server)
      const code = nextCode(server, person.secret)
      tokensOf(await answerChallenge(server, await challengeFor(server, person), code))
      assertCode(await answerChallenge(server, await challengeFor(server, person), code), ...wrongLoginCode)
      assertCode(await disable(server, person.access, code), ...wrongAccountCode)
      const next = nextCode(server, person.secret)
      tokensOf(await answerChallenge(server, await challengeFor(server, person), next))
      // Still within the window, and older than one that was used.
      assertCode(await answerChallenge(server, await challengeFor(server, person), code), ...wrongLoginCode)
    })

    it('accepts codes of the previous and next step, and of no other', async () => {
      const person = await registerWithSecondFactor(server)
      const attempt = async (steps: number) =>
        answerChallenge(server, await challengeFor(server, person), codeAt(server, person.secret, steps))
      server.clock.advance(5 * minute)
      toNextStep(server)
      assertCode(await attempt(-2), ...wrongLoginCode)
      assertCode(await attempt(2), ...wrongLoginCode)
      tokensOf(await attempt(-1))
      tokensOf(await attempt(1))
      assertCode(await attempt(0), ...wrongLoginCode)
    })

    it('accepts codes with spaces, as apps show them', async () => {
      const person = await registerWithSecondFactor(server)
      const code = nextCode(server, person.secret)
      const shown = ` ${code.slice(0, 3)} ${code.slice(3)}\n`
      tokensOf(await answerChallenge(server, await challengeFor(server, person), shown))
    })

    it('accepts no codes of other accounts', async () => {
      const person = await registerWithSecondFactor(server)
      const other = await registerWithSecondFactor(server)
      const challenge = await challengeFor(server, person)
      for (const code of [nextCode(server, other.secret), other.backupCodes[0] ?? ''])
        assertCode(await answerChallenge(server, challenge, code), ...wrongLoginCode)
    })

    it('refuses text that is not a code', async () => {
      const person = await registerWithSecondFactor(server)
      for (const code of nonsense) {
        assertCode(await answerChallenge(server, await challengeFor(server, person), code), ...wrongLoginCode)
        assertCode(await disable(server, person.access, code), ...wrongAccountCode)
      }
    })

    it('is removed by one of its codes', async () => {
      const person = await registerWithSecondFactor(server)
      const waiting = await challengeFor(server, person)
      assertCode(await disable(server, person.access, wrongCode(server, person.secret)), ...wrongAccountCode)
      assertFieldsRefused(await disable(server, person.access, ''), { code: 'REQUIRED' })
      assert.equal((await whoAmI(server, person.access)).body.user.twoFactor, true)
      assert.equal((await disable(server, person.access, nextCode(server, person.secret))).status, 200)

      assertCode(await answerChallenge(server, waiting, person.backupCodes[0] ?? ''), ...invalidChallenge)
      assertCode(await disable(server, person.access, person.backupCodes[0] ?? ''), ...notInitialized)
      tokensOf(await login(server, person))
      const { secret, backupCodes } = await enrol(server, person.access)
      assert.notEqual(secret, person.secret)
      assert.equal((await confirm(server, person.access, nextCode(server, secret))).status, 200)
      const challenge = await challengeFor(server, person)
      assertCode(await answerChallenge(server, challenge, person.backupCodes[0] ?? ''), ...wrongLoginCode)
      tokensOf(await answerChallenge(server, challenge, backupCodes[0] ?? ''))
    })

    it('is removed by a code in the body, which no proxy logs', async () => {
      const remove = (bearer: string, options: object) =>
        send(server, 'DELETE', '/account/two-factor', { bearer, ...options })
      const { access, secret, backupCodes } = await registerWithSecondFactor(server)
      for (const given of [{}, { json: {} }, { json: { code: '' } }, { json: { code: null } }, { form: {} }])
        assertFieldsRefused(await remove(access, given), { code: 'REQUIRED' })
      assertFieldsRefused(await remove(access, { json: { code: 123456 } }), { code: 'INVALID' })
      assertCode(await remove(access, { json: { code: wrongCode(server, secret) } }), ...wrongAccountCode)
      assert.equal((await remove(access, { json: { code: backupCodes[0] } })).status, 200)

      const next = await enrol(server, access)
      assert.equal((await confirm(server, access, nextCode(server, next.secret))).status, 200)
      assert.equal((await remove(access, { form: { code: nextCode(server, next.secret) } })).status, 200)
      assert.equal((await whoAmI(server, access)).body.user.twoFactor, false)
    })

    it('is removed by a recovery code', async () => {
      const { access, backupCodes } = await registerWithSecondFactor(server)
      assert.equal((await disable(server, access, backupCodes[0] ?? '')).status, 200)
      assert.equal((await whoAmI(server, access)).body.user.twoFactor, false)
    })
  })

  describe('whose recovery codes are used', () => {
    it('accepts each of them once', async () => {
      const person = await registerWithSecondFactor(server)
      for (const code of person.backupCodes) {
        tokensOf(await answerChallenge(server, await challengeFor(server, person), code))
        assertCode(await answerChallenge(server, await challengeFor(server, person), code), ...wrongLoginCode)
      }
      tokensOf(
        await answerChallenge(server, await challengeFor(server, person), nextCode(server, person.secret)),
      )
    })

    it('accepts them in any case and with dashes or spaces', async () => {
      const person = await registerWithSecondFactor(server)
      const [first = '', second = ''] = person.backupCodes
      const written = `${first.slice(0, 4)}-${first.slice(4, 8)} ${first.slice(8)}\n`.toUpperCase()
      tokensOf(await answerChallenge(server, await challengeFor(server, person), written))
      for (const wrong of [second.slice(1), `${second}a`, second.replace(/./, '1')]) {
        const challenge = await challengeFor(server, person)
        assertCode(await answerChallenge(server, challenge, wrong), ...wrongLoginCode)
      }
    })
  })
})
