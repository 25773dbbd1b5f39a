import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  assertFail,
  codeIn,
  freshPhone,
  logIn,
  post,
  register,
  resetBySms,
  texts,
  tokenOf,
} from '../../dialects/vastly/door.ts'
import { onEveryCluster } from '../../harness/cluster.ts'
import type { Answer } from '../../harness/harness.ts'

/** Failed guesses after which a code is dead. */
const budget = 30

onEveryCluster('codes by SMS in a race', (cluster) => {
  it('set one password for many who send the same one', async () => {
    const [{ mobile, token } = assert.fail()] = await newCodes(1)
    const passwords = Array.from({ length: 12 }, (_, index) => `password number ${index}`)
    const answers = await cluster.race(passwords.length, (server, index) =>
      resetBySms(server, { token, mobile: index % 3 ? undefined : mobile, password: passwords[index] }),
    )
    const winners = passwords.filter((_, index) => answers[index]?.status === 200)
    assert.equal(winners.length, 1)
    for (const answer of answers) if (answer.status !== 200) assertInvalid(answer)
    await logIn(cluster, { mobile, password: winners[0] })
  })

  it('are void after the thirtieth failed guess on any server, and right ones do not count', async () => {
    const [last = assert.fail(), ...others] = await newCodes(9)
    const wrong = Array.from({ length: budget - 1 }, (_, index) => `wrong ${index}`)
    const guesses = [...wrong, ...others.map(({ token }) => token)]
    const answers = await cluster.race(guesses.length, (server, index) =>
      resetBySms(server, { token: guesses[index] ?? '' }),
    )
    for (const answer of answers.slice(0, wrong.length)) assertInvalid(answer)
    for (const answer of answers.slice(wrong.length)) tokenOf(answer)

    assertInvalid(await resetBySms(cluster, { token: 'wrong' }))
    for (const answer of await cluster.race(4, (server) => resetBySms(server, { token: last.token })))
      assertInvalid(answer)
    await logIn(cluster, { mobile: last.mobile })
  })

  it('allow five attempts for a named number, on any server', async () => {
    const [{ mobile, token } = assert.fail()] = await newCodes(1)
    const answers = await cluster.race(12, (server) => resetBySms(server, { token: 'wrong', mobile }))
    for (const answer of answers) assertInvalid(answer)
    for (const answer of await cluster.race(2, (server) => resetBySms(server, { token, mobile })))
      assertInvalid(answer)
    tokenOf(await resetBySms(cluster, { token }))
  })

  /** So many people with live codes. */
  async function newCodes(count: number): Promise<{ mobile: string; token: string }[]> {
    const phones = Array.from({ length: count }, freshPhone)
    await cluster.race(count, (server, index) => register(server, { mobile: phones[index] }))
    await cluster.race(count, (server, index) =>
      post(server, '/forgotpass/mobile', { json: { mobile: phones[index] } }),
    )
    const messages = await cluster.mails()
    return phones.map((mobile) => {
      const message = messages.find(({ to }) => to === mobile) ?? assert.fail(`no message to ${mobile}`)
      return { mobile, token: codeIn(message.text) }
    })
  }
})

function assertInvalid(answer: Answer): void {
  assertFail(answer, 400, texts.invalidToken)
}
