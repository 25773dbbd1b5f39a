import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { describe, it } from 'node:test'
import { credebl, minbil, register, type TestDoor } from '../harness/doors.ts'
import { eventually } from '../harness/events.ts'
import { type Answer, freshEmail, onEveryEngine, useServer } from '../harness/harness.ts'
import { behindProxy, freshAddress, from } from '../limits/callers.ts'
import { scrape } from '../observability/scrape.ts'

/** Passwords that are hashed at a time, and that may wait for it. */
const room = availableParallelism() * (1 + 64)
const tooMany = 40

const refusals = {
  minbil: {
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    code: 'overloaded',
    message: 'The server is busy. Try again shortly.',
  },
  credebl: {
    statusCode: 503,
    message: 'The server is busy. Try again shortly',
    error: 'Service Unavailable',
  },
}

onEveryEngine('more sign-ins than can be processed', (engine) => {
  const server = useServer(engine, { env: behindProxy })

  it('are refused beyond a bounded queue, and everything else still answers', async () => {
    const person = await register(server)
    const { refresh } = minbil.tokensOf(await minbil.signIn(server, person))

    // Each signs in again and again until it is refused, so that the queue stays full while the others are tried.
    let isOver = false
    // As many as hold no more than the part of the queue that each may have.
    const addresses = Array.from({ length: 8 }, freshAddress)
    const refused: { door: TestDoor; answer: Answer }[] = []
    const crowd = Array.from({ length: room + tooMany }, async (_, index) => {
      const door = index % 2 ? credebl : minbil
      const place = from(server, addresses[index % addresses.length] ?? '')
      while (!isOver) {
        const answer = await door.signIn(place, { email: freshEmail(), password: 'wrong password' })
        if (answer.status === 503) return refused.push({ door, answer })
        assert.equal(answer.status, 401, answer.text)
      }
    })
    try {
      await eventually('a refusal', async () => refused.length > 0 || undefined)
      assert.equal((await server.request('GET', '/healthz')).status, 200)
      assert.equal((await minbil.refresh(server, refresh)).status, 200)
    } finally {
      isOver = true
      await Promise.all(crowd)
    }

    assert.ok(refused.length <= tooMany, 'nobody is refused while there is room')
    for (const { door, answer } of refused) {
      assert.deepEqual(answer.body, refusals[door.name as keyof typeof refusals])
      assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    }
    assert.equal((await scrape(server.url)).one('manydoors_hashing_refused_total'), refused.length)

    for (const door of [minbil, credebl]) door.tokensOf(await door.signIn(server, person))
  })
})

describe('sign-ins with a higher hashing cost', () => {
  // Some 27 times as much as usual, so that two may wait for each core.
  const yaml = 'hashing: { memory: 64, passes: 16 }'
  const server = useServer('sqlite', { hashing: 'real', env: behindProxy, yaml })
  const room = availableParallelism() * (1 + 2)

  it('shrink the queue, so that nobody waits longer', async () => {
    const signIns = (count: number) =>
      Array.from({ length: count }, () =>
        minbil.signIn(from(server, freshAddress()), { email: freshEmail(), password: 'wrong password' }),
      )
    const statuses = (await Promise.all(signIns(room))).map(({ status }) => status)
    assert.deepEqual(statuses, Array(room).fill(401))
    // As many as would all find room at the usual cost.
    const crowd = (await Promise.all(signIns(availableParallelism() * 65))).map(({ status }) => status)
    assert.ok(crowd.includes(503), 'somebody is refused')
    assert.deepEqual(
      crowd.filter((status) => status !== 401 && status !== 503),
      [],
    )
  })
})
