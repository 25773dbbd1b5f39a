import assert from 'node:assert/strict'
import { it } from 'node:test'
import { limits } from '../../src/core/limits/limits.ts'
import { adapters } from '../dialects/adapters.ts'
import { select } from '../harness/database.ts'
import { type Answer, freshEmail, onEveryEngine, type TestServer, useServer } from '../harness/harness.ts'
import { scrape } from '../observability/scrape.ts'
import { assertLimited, assertStatus, behindProxy, freshAddress, from, signIn, signUp } from './callers.ts'
import { bringPending, bringPerson } from './imported.ts'

const wrong = 'a wrong password'
const { points } = limits.firstSignInPerAccountAndIp

onEveryEngine('strangers and an account that was imported', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy })

  /** Has strangers use up what holds for everybody. */
  const besiege = async (email: string): Promise<void> => {
    for (let stranger = 0; stranger < 3; stranger++) {
      const address = freshAddress()
      const attempts = Array.from({ length: 8 }, () => signIn(server, address, { email, password: wrong }))
      await Promise.all(attempts)
    }
    assertLimited(await signIn(server, freshAddress(), { email, password: wrong }))
  }
  const hashed = async () =>
    (await scrape(server.url)).sum('manydoors_hashing_duration_seconds_count', { operation: 'verify' })

  for (const dialect of adapters)
    it(`do not keep its owner from the first sign-in at ${dialect.name}`, async () => {
      const person = await bringPerson(server)
      await besiege(person.email)
      const home = seenFrom(server, freshAddress())
      const refused = await dialect.signIn(home, { ...person, password: wrong })
      dialect.assertError(refused.answer, 429)
      assertStatus(200, (await dialect.signIn(home, person)).answer)
    })

  it('have a few guesses from each place, and right ones no more than wrong ones', async () => {
    const person = await bringPerson(server)
    await besiege(person.email)
    const stranger = freshAddress()
    for (let guess = 0; guess < points; guess++)
      assertLimited(await signIn(server, stranger, { ...person, password: wrong }))
    assertLimited(await signIn(server, stranger, person))
    assertStatus(200, await signIn(server, freshAddress(), person))
  })

  it('have these few for a whole /48 of IPv6', async () => {
    const person = await bringPerson(server)
    await besiege(person.email)
    for (let guess = 0; guess < points; guess++)
      assertLimited(await signIn(server, `2001:db8:77:${guess}::1`, { ...person, password: wrong }))
    assertLimited(await signIn(server, '2001:db8:77:ffff::1', person))
    assertStatus(200, await signIn(server, '2001:db8:78::1', person))
  })

  it('meet an account like any other once its owner has signed in', async () => {
    const person = await bringPerson(server)
    const home = freshAddress()
    assertStatus(200, await signIn(server, home, person))
    await besiege(person.email)
    assertLimited(await signIn(server, freshAddress(), person))
    assertStatus(200, await signIn(server, home, person))
  })

  it('meet an account like any other where the old system has known an address of its owner', async () => {
    const home = freshAddress()
    const person = await bringPerson(server, { knownAddresses: [home] })
    await besiege(person.email)
    assertLimited(await signIn(server, freshAddress(), person))
    assertLimited(await signIn(server, home, { ...person, password: wrong }))
    assertStatus(200, await signIn(server, home, person))
  })

  it('let nobody into an account that was opened here, however few guesses a place has made', async () => {
    const person = await signUp(server)
    await besiege(person.email)
    assertLimited(await signIn(server, freshAddress(), person))
  })

  it('learn neither by answers nor by work whether an account is imported, pending, own, or not there', async () => {
    const emails = {
      imported: (await bringPerson(server)).email,
      pending: await bringPending(server),
      own: (await signUp(server)).email,
      unknown: freshEmail(),
    }
    for (const email of Object.values(emails)) await besiege(email)
    const stranger = freshAddress()
    for (let guess = 0; guess < points + 2; guess++) {
      const seen = new Map<string, { answer: Answer; work: number }>()
      for (const [kind, email] of Object.entries(emails)) {
        const before = await hashed()
        const answer = await signIn(server, stranger, { email, password: wrong })
        seen.set(kind, { answer, work: (await hashed()) - before })
      }
      const expected = seen.get('unknown') ?? assert.fail()
      for (const [kind, { answer, work }] of seen) {
        assert.ok(Math.abs(assertLimited(answer) - assertLimited(expected.answer)) < 60, kind)
        assert.deepEqual(withoutRequest(answer), withoutRequest(expected.answer), kind)
        assert.equal(work, 1, kind)
      }
    }
  })

  it('have their guesses in the audit trail', async () => {
    const person = await bringPerson(server)
    await besiege(person.email)
    const stranger = freshAddress()
    for (let guess = 0; guess < points + 2; guess++)
      assertLimited(await signIn(server, stranger, { ...person, password: wrong }))
    // A server that has stopped has written everything.
    await server.restart()
    const rows = await select(
      server.env.DATABASE_URL ?? '',
      `select detail from audit where ip = '${stranger}' and event = 'sign_in'`,
    )
    assert.deepEqual(
      rows.map(({ detail }) => detail),
      Array(points).fill('credentials'),
    )
  })
})

/** The same server, as it is seen from an address. */
function seenFrom(server: TestServer, address: string): TestServer {
  return Object.assign(Object.create(server), from(server, address))
}

function withoutRequest({ status, headers, text }: Answer) {
  const varying = new Set(['date', 'x-request-id', 'retry-after'])
  return { status, text, headers: [...headers].filter(([name]) => !varying.has(name)) }
}
