import assert from 'node:assert/strict'
import { it } from 'node:test'
import { select } from '../harness/database.ts'
import type { Person } from '../harness/doors.ts'
import { mailCausedBy, onEveryEngine, queryOf, useServer } from '../harness/harness.ts'
import {
  assertLimited,
  assertStatus,
  behindProxy,
  forgetPassword,
  freshAddress,
  post,
  signIn,
  signUp,
} from './callers.ts'

const wrong = 'a wrong password'

onEveryEngine('failures in a row', (engine) => {
  const server = useServer(engine, { limits: 'real', env: behindProxy })

  /** Tries wrong passwords from these addresses in turn; how many were judged, whatever was answered. */
  const judged = async (email: string, addresses: string[], attempts: number): Promise<number> => {
    const before = await countJudged()
    for (let attempt = 0; attempt < attempts; attempt++) {
      const address = addresses[attempt % addresses.length] ?? ''
      const { status } = await signIn(server, address, { email, password: wrong })
      assert.ok([401, 429].includes(status), String(status))
    }
    await server.restart()
    return (await countJudged()) - before
  }
  /** A server that has stopped has written everything. */
  const countJudged = async (): Promise<number> => {
    const judged = `event = 'sign_in' and outcome = 'refused'`
    return (await select(server.env.DATABASE_URL ?? '', `select id from audit where ${judged}`)).length
  }
  const manyAddresses = (count: number) => Array.from({ length: count }, freshAddress)
  const reset = async (person: Person, address: string): Promise<Person> => {
    const mail = await mailCausedBy(server, { to: person.email, subject: /^Set a new password/ }, async () =>
      assertStatus(200, await forgetPassword(server, address, person.email)),
    )
    const password = 'NewPass45678!'
    const token = queryOf(mail.links[0], 'token')
    assertStatus(200, await post(server, address, '/reset-password', { token, password }))
    return { ...person, password }
  }

  it('are judged 30 times at most, strangers and known IPs together', async () => {
    const person = await signUp(server)
    const homes = manyAddresses(4)
    for (const home of homes) assertStatus(200, await signIn(server, home, person))
    assert.equal(await judged(person.email, manyAddresses(30), 30), 20)
    assert.equal(await judged(person.email, homes, 20), 10)
    for (const address of [...homes, freshAddress()]) assertLimited(await signIn(server, address, person))

    const changed = await reset(person, freshAddress())
    for (const address of [homes[0] ?? '', freshAddress()])
      assertStatus(200, await signIn(server, address, changed))
  })

  it('are reset when the owner signs in, by whatever way that is', async () => {
    const person = await signUp(server)
    const home = freshAddress()
    assertStatus(200, await signIn(server, home, person))
    assert.equal(await judged(person.email, manyAddresses(25), 25), 20)
    assert.equal(await judged(person.email, [home], 5), 5)
    assertStatus(200, await signIn(server, home, person))
    assert.equal(await judged(person.email, manyAddresses(25), 25), 20)
    assert.equal(await judged(person.email, [home], 9), 9)
  })
})
