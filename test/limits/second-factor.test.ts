import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  answerChallenge,
  challengeFor,
  nextCode,
  type Person,
  registerWithSecondFactor,
  tokensOf,
  wrongCode,
} from '../dialects/wolfpal/door.ts'
import { type Answer, onEveryEngine, useServer } from '../harness/harness.ts'
import { behindProxy, freshAddress, from, type Target } from './callers.ts'

onEveryEngine('limits and the second factor', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy })

  const registerAt = (address: string) =>
    registerWithSecondFactor({ mail: server.mail, clock: server.clock, ...from(server, address) })

  /** Tries wrong codes until they are refused unread; who does that knows the password. */
  const guess = async (at: () => Target, person: Person & { secret: string }): Promise<Answer> => {
    for (let count = 0; count < 60; count++) {
      const target = at()
      const challenge = await challengeFor(target, person)
      const answer = await answerChallenge(target, challenge, wrongCode(server, person.secret))
      if (answer.status === 429) return answer
      assert.equal(answer.status, 401, answer.text)
    }
    assert.fail('no limit after 60 codes')
  }

  it('stop strangers with the password, and not the owner at a known IP', async () => {
    const home = freshAddress()
    const person = await registerAt(home)
    const refusal = await guess(() => from(server, freshAddress()), person)
    assert.match(refusal.headers.get('retry-after') ?? '', /^[1-9]\d*$/)

    const answerFrom = async (address: string) => {
      const target = from(server, address)
      const code = nextCode(server, person.secret)
      return answerChallenge(target, await challengeFor(target, person), code)
    }
    assert.equal((await answerFrom(freshAddress())).status, 429)
    tokensOf(await answerFrom(home))
    // That was the owner, so the wrong codes of strangers are forgotten too.
    tokensOf(await answerFrom(freshAddress()))
  })

  it('limit a known IP too', async () => {
    const home = freshAddress()
    const person = await registerAt(home)
    await guess(() => from(server, home), person)
  })
})
