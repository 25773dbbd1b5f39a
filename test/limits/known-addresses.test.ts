import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Row, rowsOnce } from '../harness/database.ts'
import { type Answer, freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { scrape } from '../observability/scrape.ts'
import { assertLimited, assertStatus, behindProxy, freshAddress, signIn, signUp } from './callers.ts'

const wrong = 'a wrong password'

onEveryEngine('an IP that some have signed in from', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy })

  const besiege = async (email: string): Promise<void> => {
    for (let stranger = 0; stranger < 3; stranger++) {
      const address = freshAddress()
      const attempts = Array.from({ length: 8 }, () => signIn(server, address, { email, password: wrong }))
      await Promise.all(attempts)
    }
  }
  const hashed = async () =>
    (await scrape(server.url)).sum('manydoors_hashing_duration_seconds_count', { operation: 'verify' })

  it('tells nobody there whose it is, once strangers have used up the count', async () => {
    const [person, ghost] = [await signUp(server), freshEmail()]
    const office = freshAddress()
    assertStatus(200, await signIn(server, office, person))
    for (const email of [person.email, ghost]) await besiege(email)

    // Five attempts: within what one address has for one account.
    for (let count = 0; count < 5; count++) {
      const seen: [Answer, number][] = []
      for (const email of [person.email, ghost]) {
        const before = await hashed()
        const answer = await signIn(server, office, { email, password: wrong })
        seen.push([answer, (await hashed()) - before])
      }
      const [[known, work], [unknown, noWork]] = seen as [[Answer, number], [Answer, number]]
      assert.ok(Math.abs(assertLimited(known) - assertLimited(unknown)) < 60)
      assert.deepEqual(withoutRequest(known), withoutRequest(unknown))
      assert.deepEqual([work, noWork], [1, 1])
    }
    assertStatus(200, await signIn(server, office, person))
  })

  it('tells nobody there either when what it may try is used up, too', async () => {
    const [person, ghost] = [await signUp(server), freshEmail()]
    const offices = [freshAddress(), freshAddress()]
    for (const office of offices) assertStatus(200, await signIn(server, office, person))
    for (const email of [person.email, ghost]) await besiege(email)
    const [office = '', other = ''] = offices
    for (let count = 0; count < 9; count++)
      assertLimited(await signIn(server, office, { ...person, password: wrong }))
    for (let count = 0; count < 3; count++) {
      const answers = []
      for (const email of [person.email, ghost]) {
        const before = await hashed()
        answers.push(await signIn(server, other, { email, password: wrong }))
        assert.equal((await hashed()) - before, 1)
      }
      const [known, unknown] = answers as [Answer, Answer]
      assert.ok(Math.abs(assertLimited(known) - assertLimited(unknown)) < 60)
    }
    assertLimited(await signIn(server, other, person))
  })

  it('has what was judged there in the audit trail', async () => {
    const person = await signUp(server)
    const office = freshAddress()
    assertStatus(200, await signIn(server, office, person))
    await besiege(person.email)
    assertLimited(await signIn(server, office, { ...person, password: wrong }))
    const rows = await refusedFrom(server, office)
    assert.deepEqual(
      rows.map(({ detail }) => detail),
      ['credentials'],
    )
  })
})

function refusedFrom({ env }: TestServer, address: string): Promise<Row[]> {
  return rowsOnce(env.DATABASE_URL ?? '', {
    what: 'the row of a refusal',
    statement: `select * from audit where event = 'sign_in' and outcome = 'refused' and ip = '${address}'`,
    areWanted: ({ length }) => length > 0,
  })
}

function withoutRequest({ status, headers, text }: Answer) {
  const varying = new Set(['date', 'x-request-id', 'retry-after'])
  return { status, text, headers: [...headers].filter(([name]) => !varying.has(name)) }
}
