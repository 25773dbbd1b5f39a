import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import bcrypt from 'bcrypt'
import { isRefusal } from '../../../src/core/errors.ts'
import { createHashingQueue } from '../../../src/server/hashing-queue.ts'
import { minbil, register } from '../../harness/doors.ts'
import { freshEmail, useServer } from '../../harness/harness.ts'
import { importedPasswordsAt } from '../../harness/imported-passwords.ts'
import { behindProxy, freshAddress, from } from '../../limits/callers.ts'

const nextTurn = () => new Promise((over) => setImmediate(over))
const asker = (index: number) => ({ ip: `198.18.0.${index}` })

describe('a queue for hashing while many want what is dear', () => {
  /** Work that goes on until it is told to end. */
  const endless = (queue: ReturnType<typeof createHashingQueue>, count: number) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const outcomes: string[] = []
    let begun = 0
    const all = Array.from({ length: count }, (_, index) =>
      queue
        .runDear(asker(index), () => {
          begun++
          return promise
        })
        .then(
          () => outcomes.push('done'),
          (error) => outcomes.push(isRefusal(error, 'overloaded') ? 'refused' : String(error)),
        ),
    )
    return { outcomes, begun: () => begun, end: resolve, all: Promise.all(all) }
  }

  it('keeps a core for everybody else, and refuses what would wait for too long', async () => {
    const queue = createHashingQueue({ concurrency: 3, places: 1000 })
    const dear = endless(queue, 150)
    await nextTurn()
    assert.equal(dear.begun(), 2)
    // Two at a time of 100 ms, as long as nothing else was measured: that many have their turn within five seconds.
    assert.deepEqual(queue.state(), { running: 2, waiting: 100 })
    assert.deepEqual(dear.outcomes, Array(48).fill('refused'))
    for (let time = 0; time < 20; time++) assert.equal(await queue.run(asker(200), async () => time), time)
    assert.equal(dear.begun(), 2)
    dear.end()
    await dear.all
    assert.equal(dear.outcomes.filter((outcome) => outcome === 'done').length, 102)
    assert.deepEqual(queue.state(), { running: 0, waiting: 0 })
  })

  it('does it on the one core that there is, in turn with everybody else', async () => {
    const queue = createHashingQueue({ concurrency: 1, places: 1000 })
    const dear = endless(queue, 3)
    await nextTurn()
    assert.equal(dear.begun(), 1)
    const order: string[] = []
    const other = queue.run(asker(200), async () => void order.push(`after ${dear.begun()}`))
    dear.end()
    await Promise.all([other, dear.all])
    assert.deepEqual(order, ['after 1'])
  })
})

describe('first sign-ins of many at once with a dear hash', () => {
  const cores = 2
  const server = useServer('sqlite', { cores, env: behindProxy })
  const { bring, kept } = importedPasswordsAt(server)
  // About 50 of them have room, as each check takes about 100 ms.
  const newcomers = 75

  it('are asked to come again, and all get in; settled people notice nothing', async () => {
    const settled = await register(server)
    const tokens = minbil.tokensOf(await minbil.signIn(server, settled))
    const person = await register(server)
    // One account for all, as each of its sign-ins is refused or checked by itself.
    await bring(person, { hash: await bcrypt.hash(person.password, 11), kind: 'bcrypt 11' })
    const statuses: number[] = []
    const arrivals = Array.from({ length: newcomers }, async () => {
      const answer = await minbil.signIn(from(server, freshAddress()), person)
      statuses.push(answer.status)
      if (answer.status === 503) assert.equal(answer.headers.get('retry-after'), '5')
      return answer.status
    })
    let { refresh } = tokens
    for (let time = 0; time < 5; time++) {
      assert.equal((await minbil.signIn(from(server, freshAddress()), settled)).status, 200)
      const next = await minbil.refresh(server, refresh)
      refresh = minbil.tokensOf(next).refresh
      const unknown = { email: freshEmail(), password: 'wrong password' }
      assert.equal((await minbil.signIn(from(server, freshAddress()), unknown)).status, 401)
    }
    const left = (await Promise.all(arrivals)).filter((status) => status !== 200)
    assert.ok(left.length > 0, 'nobody was asked to come again')
    assert.deepEqual(new Set(left), new Set([503]))
    assert.ok(left.length < newcomers, 'somebody was let in')
    for (const _ of left) {
      const again = await minbil.signIn(from(server, freshAddress()), person)
      assert.equal(again.status, 200, again.text)
    }
    assert.equal((await kept(person)).kind, null)
  })
})
