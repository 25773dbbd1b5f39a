import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Person } from '../doors.ts'
import { mailCausedBy, onEveryEngine, queryOf, useServer } from '../harness.ts'
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

  /** Tries wrong passwords from these addresses in turn; how many were judged. */
  const judged = async (email: string, addresses: string[], attempts: number): Promise<number> => {
    let count = 0
    for (let attempt = 0; attempt < attempts; attempt++) {
      const address = addresses[attempt % addresses.length] ?? ''
      const { status } = await signIn(server, address, { email, password: wrong })
      if (status === 401) count++
      else assert.equal(status, 429)
    }
    return count
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

  it('are judged 30 times at most, strangers and known addresses together', async () => {
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

  it('are forgotten when the owner signs in, by whatever way that is', async () => {
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
