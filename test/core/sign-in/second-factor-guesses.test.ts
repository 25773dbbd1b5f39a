import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  answerChallenge,
  assertCode,
  challengeFor,
  disable,
  nextCode,
  registerWithSecondFactor,
  tokensOf,
  wrongAccountCode,
  wrongCode,
  wrongLoginCode,
} from '../../dialects/wolfpal/door.ts'
import { type Answer, onEveryEngine, useServer } from '../../harness/harness.ts'

const days = 24 * 60 * 60

onEveryEngine('guessing the codes of an authenticator', (engine) => {
  const limits = { 'second-factor-account': Number.POSITIVE_INFINITY, 'authenticator-account': 6 }
  const server = useServer(engine, { limits })

  it('is limited over all challenges, and a recovery code lifts that', async () => {
    const person = await registerWithSecondFactor(server)
    const other = await registerWithSecondFactor(server)
    const wrong = wrongCode(server, person.secret)
    const attempt = async (code: string) => answerChallenge(server, await challengeFor(server, person), code)
    for (let guess = 0; guess < 5; guess++) assertCode(await attempt(wrong), ...wrongLoginCode)
    assertCode(await disable(server, person.access, wrong), ...wrongAccountCode)

    assertLimited(await attempt(wrong))
    assertLimited(await attempt(nextCode(server, person.secret)))
    assertLimited(await disable(server, person.access, nextCode(server, person.secret)))
    const challenge = await challengeFor(server, other)
    tokensOf(await answerChallenge(server, challenge, nextCode(server, other.secret)))

    assertCode(await attempt('nonsense'), ...wrongLoginCode)
    tokensOf(await attempt(person.backupCodes[0] ?? ''))
    tokensOf(await attempt(nextCode(server, person.secret)))
  })

  it('is reset by a right code', async () => {
    const person = await registerWithSecondFactor(server)
    const attempt = async (code: string) => answerChallenge(server, await challengeFor(server, person), code)
    for (let round = 0; round < 3; round++) {
      for (let guess = 0; guess < 5; guess++)
        assertCode(await attempt(wrongCode(server, person.secret)), ...wrongLoginCode)
      tokensOf(await attempt(nextCode(server, person.secret)))
    }
  })
})

function assertLimited(answer: Answer): void {
  assertCode(answer, 429, 429, 'Too many requests. Please try again later.')
  const seconds = Number(answer.headers.get('retry-after'))
  assert.ok(seconds > 13 * days && seconds <= 14 * days, `come back in ${seconds} seconds`)
}
