import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { Person } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { type TestServer, useServer } from '../harness/harness.ts'
import { holdableHashing, waitingPasswords } from '../harness/held-hashing.ts'
import { assertStatus, behindProxy, freshAddress, signIn, signUp } from '../limits/callers.ts'

const cores = 2
/** Those that may wait, and those of one household that may. */
const places = cores * 64
const share = places / 4

describe('sign-ins while one IP keeps every core busy', () => {
  const hashing = holdableHashing()
  const server = useServer('sqlite', { env: behindProxy, cores, hashing: hashing.argon2 })
  afterEach(() => hashing.release())

  /** Connections that sign in, of which so many are refused at once; the others have their answers to come. */
  const crowd = async (
    people: Person[],
    { addresses, refused }: { addresses: string[]; refused: number },
  ) => {
    const statuses: number[] = []
    const answers = addresses.map(async (address, index) => {
      const person = people[index % people.length]
      if (person) statuses.push((await signIn(server, address, person)).status)
    })
    await eventually('the refusals', async () => statuses.length === refused || undefined)
    assert.deepEqual(new Set(statuses), new Set([503]))
    return { statuses, all: Promise.all(answers) }
  }

  it('are served in turn, however many right ones it sends', async () => {
    const honest = await signUp(server)
    const attackers = await signUpMany(server, 6)
    // Of one household.
    const addresses = Array.from({ length: 200 }, (_, index) => `2001:db8:1:2::${index.toString(16)}`)
    hashing.hold()
    const attack = await crowd(attackers, { addresses, refused: 200 - cores - share })

    for (let time = 0; time < 5; time++) {
      const before = await waitingPasswords(server)
      const answer = signIn(server, freshAddress(), honest)
      await eventually('its place', async () => (await waitingPasswords(server)) === before + 1 || undefined)
      await letGo(4)
      assertStatus(200, await answer)
    }
    hashing.release()
    await attack.all
    const served = attack.statuses.filter((status) => status === 200)
    assert.equal(served.length, cores + share)
  })

  it('are served in turn when several IPs fill the queue', async () => {
    const honest = await signUp(server)
    const attackers = await signUpMany(server, 4)
    const addresses = Array.from({ length: 4 }, freshAddress).flatMap((address) =>
      Array<string>(share + cores).fill(address),
    )
    hashing.hold()
    const refused = addresses.length - places - cores
    const attack = await crowd(attackers, { addresses, refused })
    assert.equal(await waitingPasswords(server), places)

    const answer = signIn(server, freshAddress(), honest)
    // One of those who hold the most makes room.
    await eventually('its place', async () => attack.statuses.length === refused + 1 || undefined)
    await letGo(cores + 5)
    assertStatus(200, await answer)
    hashing.release()
    await attack.all
    assert.equal(attack.statuses.filter((status) => status === 503).length, refused + 1)
    assert.equal(attack.statuses.filter((status) => status === 200).length, places + cores - 1)
  })

  it('are served in turn when one customer uses many households', async () => {
    const honest = await signUp(server)
    const attackers = await signUpMany(server, 4)
    const addresses = Array.from({ length: 200 }, (_, index) => `2001:db8:9:${index.toString(16)}::1`)
    hashing.hold()
    const attack = await crowd(attackers, { addresses, refused: 200 - cores - places / 2 })
    const before = await waitingPasswords(server)
    const answer = signIn(server, freshAddress(), honest)
    await eventually('its place', async () => (await waitingPasswords(server)) === before + 1 || undefined)
    await letGo(cores + 2)
    assertStatus(200, await answer)
    hashing.release()
    await attack.all
  })

  /** Has so many passwords be hashed, and the next ones begin. */
  async function letGo(count: number): Promise<void> {
    for (let ended = 0; ended < count; ended++) {
      hashing.letOneGo()
      await hashing.standing(cores)
    }
  }
})

function signUpMany(server: TestServer, count: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, () => signUp(server)))
}
