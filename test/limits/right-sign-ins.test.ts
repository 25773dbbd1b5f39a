import assert from 'node:assert/strict'
import { it } from 'node:test'
import { adapters } from '../dialects/adapters.ts'
import { freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { scrape } from '../observability/scrape.ts'
import { assertStatus, behindProxy, countOf, freshAddress, from, signIn, signUp } from './callers.ts'

/** In the place of 60. */
const max = 5

onEveryEngine('right sign-ins', (engine) => {
  const server = useServer(engine, { limits: { 'sign-in-rate': max }, env: behindProxy })

  for (const dialect of adapters) {
    it(`are counted at ${dialect.name}, and refused in its words before a password is hashed`, async () => {
      const person = { email: freshEmail(), password: 'StrongPass123!' }
      await dialect.openAccount(server, person)
      const at = seenFrom(server, freshAddress())
      for (let count = 0; count < max; count++) assertStatus(200, (await dialect.signIn(at, person)).answer)

      const hashed = await hashedSoFar(server)
      const { answer } = await dialect.signIn(at, person)
      dialect.assertError(answer, 429)
      const wait = Number(answer.headers.get('retry-after'))
      assert.ok(wait >= 1 && wait <= 60, String(wait))
      assert.equal(await hashedSoFar(server), hashed)
    })
  }

  it('are counted for one account at one IP', async () => {
    const [person, another] = [await signUp(server), await signUp(server)]
    const address = freshAddress()
    for (let count = 0; count < max; count++) assertStatus(200, await signIn(server, address, person))
    assertStatus(429, await signIn(server, address, person))
    assertStatus(200, await signIn(server, address, another))
    assertStatus(200, await signIn(server, freshAddress(), person))
  })

  it('that are refused use up no attempts, however many come', async () => {
    const person = await signUp(server)
    const address = freshAddress()
    const wrong = ['sign-in-address', 'sign-in-account-at-address', 'sign-in-account']
    const before = await Promise.all(wrong.map((rule) => countOf(server, rule)))
    const answers = await Promise.all(Array.from({ length: 9 }, () => signIn(server, address, person)))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [...Array(max).fill(200), ...Array(9 - max).fill(429)])
    assert.deepEqual(await Promise.all(wrong.map((rule) => countOf(server, rule))), before)
  })
})

/** The same server, as it is seen from an address. */
function seenFrom(server: TestServer, address: string): TestServer {
  return Object.assign(Object.create(server), from(server, address))
}

async function hashedSoFar({ url }: TestServer): Promise<number> {
  return (await scrape(url)).sum('manydoors_hashing_duration_seconds_count')
}
