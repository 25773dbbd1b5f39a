import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertFailure } from '../../dialects/credebl/door.ts'
import { assertProblem } from '../../dialects/minbil/door.ts'
import {
  answerChallenge,
  assertCode,
  challengeFor,
  codeAt,
  invalidChallenge,
  nextCode,
  registerWithSecondFactor,
  wrongCode,
} from '../../dialects/wolfpal/door.ts'
import * as doors from '../../harness/doors.ts'
import { type Answer, type TestServer, useServer } from '../../harness/harness.ts'

type Person = Awaited<ReturnType<typeof registerWithSecondFactor>>

/** A door whose document knows no second factor: contracts/README.md, rule 12. */
interface Door extends doors.TestDoor {
  /** Fails unless the answer asks for the second factor and holds nothing else; its challenge. */
  readChallenge(answer: Answer): string
  answer(server: TestServer, challenge: string, code: string): Promise<Answer>
  assertWrongCode(answer: Answer): void
  assertWrongChallenge(answer: Answer): void
  /** The status of a request with this access token. */
  ask(server: TestServer, access: string): Promise<number>
}

const minbil: Door = {
  ...doors.minbil,
  readChallenge: ({ status, text, body }) => {
    const { two_factor_token } = body
    const expected = { message: 'Second factor required.', two_factor: true, two_factor_token }
    assert.deepEqual([status, text], [200, JSON.stringify(expected)])
    return two_factor_token
  },
  answer: (server, two_factor_token, code) =>
    server.request('POST', '/api/co/auth/two-factor', { json: { two_factor_token, code } }),
  assertWrongCode: (answer) => assertProblem(answer, 401, 'invalid_code', 'The code is not valid.'),
  assertWrongChallenge: (answer) =>
    assertProblem(answer, 400, 'invalid_token', 'The sign-in has expired. Start again.'),
  ask: async (server, bearer) => (await server.request('POST', '/api/co/auth/sign-out', { bearer })).status,
}

const credebl: Door = {
  ...doors.credebl,
  readChallenge: ({ status, text, body }) => {
    const { twoFactorToken } = body.data
    const message = 'Two factor is required to complete login'
    const expected = { statusCode: 200, message, data: { twoFactor: true, twoFactorToken } }
    assert.deepEqual([status, text], [200, JSON.stringify(expected)])
    return twoFactorToken
  },
  answer: (server, twoFactorToken, code) =>
    server.request('POST', '/auth/signin/two-factor', { json: { twoFactorToken, code } }),
  assertWrongCode: (answer) => assertFailure(answer, 401, 'Invalid two factor code'),
  assertWrongChallenge: (answer) =>
    assertFailure(answer, 401, 'The sign-in has expired. Please sign in again'),
  ask: async (server, bearer) => (await server.request('GET', '/users/profile', { bearer })).status,
}

describe('a second factor at a door whose API has none', () => {
  const server = useServer('sqlite')

  for (const door of [minbil, credebl]) {
    const other = door === minbil ? credebl : minbil

    describe(door.name, () => {
      it('is asked for before any token is issued', async () => {
        const person = await registerWithSecondFactor(server)
        const answer = await door.signIn(server, person)
        assert.match(door.readChallenge(answer), /^[0-9A-Za-z]{64}$/)
        assertNoTokens(answer)
      })

      it('yields tokens for a right code, once', async () => {
        const person = await registerWithSecondFactor(server)
        const challenge = await openChallenge(door, person)
        const code = nextCode(server, person.secret)
        const { access, refresh } = door.tokensOf(await door.answer(server, challenge, code))
        assertRefused(await door.answer(server, challenge, nextCode(server, person.secret)))
        const again = await door.answer(server, await openChallenge(door, person), code)
        door.assertWrongCode(again)
        assertNoTokens(again)
        door.tokensOf(await door.refresh(server, refresh))
        assert.equal(await door.ask(server, access), 200)

        const [recoveryCode = ''] = person.backupCodes
        door.tokensOf(await door.answer(server, await openChallenge(door, person), recoveryCode))
        door.assertWrongCode(await door.answer(server, await openChallenge(door, person), recoveryCode))
      })

      it('allows five wrong codes, and then not even a right one', async () => {
        const person = await registerWithSecondFactor(server)
        const challenge = await openChallenge(door, person)
        const wrong = wrongCode(server, person.secret)
        for (let attempt = 0; attempt < 5; attempt++) {
          const answer = await door.answer(server, challenge, wrong)
          door.assertWrongCode(answer)
          assertNoTokens(answer)
        }
        const code = nextCode(server, person.secret)
        assertRefused(await door.answer(server, challenge, code))
        door.tokensOf(await door.answer(server, await openChallenge(door, person), code))
      })

      it('accepts no challenge of another door, and no other token as one', async () => {
        const person = await registerWithSecondFactor(server)
        const code = nextCode(server, person.secret)
        const foreign = [await openChallenge(other, person), await challengeFor(server, person)]
        for (const wrong of [...foreign, person.access, person.refresh, '0'.repeat(64), 'x'])
          assertRefused(await door.answer(server, wrong, code))
        const own = await openChallenge(door, person)
        assertCode(await answerChallenge(server, own, code), ...invalidChallenge)
        other.assertWrongChallenge(await other.answer(server, own, code))
        door.tokensOf(await door.answer(server, own, codeAt(server, person.secret)))
      })

      it('accepts no challenge as a token', async () => {
        const person = await registerWithSecondFactor(server)
        const challenge = await openChallenge(door, person)
        assert.equal(await door.ask(server, challenge), 401)
        const refreshed = await door.refresh(server, challenge)
        assert.equal(refreshed.status, 401)
        assertNoTokens(refreshed)
      })

      function assertRefused(answer: Answer): void {
        door.assertWrongChallenge(answer)
        assertNoTokens(answer)
      }
    })
  }

  async function openChallenge(door: Door, person: Person): Promise<string> {
    return door.readChallenge(await door.signIn(server, person))
  }
})

function assertNoTokens({ text, cookies, headers }: Answer): void {
  assert.doesNotMatch(text, /eyJ|access_token|refresh/)
  assert.deepEqual(cookies, [])
  assert.equal(headers.get('cache-control'), 'no-store')
}
