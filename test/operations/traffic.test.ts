import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  bucketBoundsMs,
  percentile,
  trafficByDoor,
  trafficByMinute,
} from '../../src/core/operations/traffic.ts'
import { select } from '../harness/database.ts'
import { minbil, type Person, register } from '../harness/doors.ts'
import { onEveryEngine, startTestServer, type TestServer, useServer } from '../harness/harness.ts'
import { withRealm } from '../harness/realm.ts'

const minute = 60_000

onEveryEngine('traffic', (engine) => {
  const server = useServer(engine)
  const rows = () =>
    select(server.env.DATABASE_URL ?? '', 'select * from traffic order by minute, node, dialect, kind')
  const lastMinutes = (count: number) =>
    withRealm(server, (ctx) => trafficByMinute({ now: ctx.now, contexts: [ctx] }, count))

  it('is written down when its minute is over, by all nodes together and over restarts', async () => {
    const person = await register(server)
    await startMinute(server)
    const before = (await rows()).length
    await useDoor(server, person)
    await server.maintain()
    assert.equal((await rows()).length, before, 'of the minute that runs nothing is written')

    const second = engine === 'postgres' ? await startTestServer(engine, { beside: server }) : undefined
    if (second) await useDoor(second, person)
    await second?.close()
    await server.restart()
    await endMinute(server)
    const nodes = second ? 2 : 1
    const [minuteBefore, last] = await lastMinutes(2)
    assert.equal(minuteBefore?.signIns, 0)
    assert.deepEqual(
      { ...last, p50: 0, p99: 0, at: 0 },
      { at: 0, signIns: nodes, refreshes: nodes, refusals: 2 * nodes, p50: 0, p99: 0 },
    )
    assert.ok((last?.p99 ?? 0) >= (last?.p50 ?? 0) && (last?.p50 ?? 0) > 0)
  })

  it('is told door by door, with what became of it; pages and probes are kept apart', async () => {
    const person = await register(server)
    await startMinute(server)
    await useDoor(server, person)
    await server.request('GET', '/ui/forgot-password')
    await server.request('GET', '/healthz')
    await server.request('GET', '/nowhere')
    await endMinute(server)
    const [door, other, pages] = await withRealm(server, (ctx) =>
      trafficByDoor(ctx, ['minbil', 'credebl', ''], 1),
    )
    assert.deepEqual([door?.ok, door?.refused, door?.failed], [2, 2, 0])
    assert.deepEqual(door?.outcomes, [
      { outcome: 'credentials_invalid', count: 1 },
      { outcome: 'refresh_invalid', count: 1 },
    ])
    assert.deepEqual(
      door?.minutes.map(({ requests, refused }) => [requests, refused]),
      [[4, 2]],
    )
    assert.deepEqual([other?.ok, other?.p99, other?.outcomes], [0, undefined, []])
    assert.equal((pages?.ok ?? 0) + (pages?.refused ?? 0), 1)
  })

  it('is kept for two days', async () => {
    await server.request('GET', '/ui/forgot-password')
    await endMinute(server)
    assert.notEqual((await rows()).length, 0)
    server.clock.advance(47 * 60 * minute)
    await server.maintain()
    assert.notEqual((await rows()).length, 0)
    server.clock.advance(2 * 60 * minute)
    await server.maintain()
    assert.deepEqual(await rows(), [])
  })
})

it('a percentile lies where it would if times were spread evenly within a bucket', () => {
  const buckets = (counts: Record<number, number>) =>
    [...bucketBoundsMs, Number.POSITIVE_INFINITY].map((bound) => counts[bound] ?? 0)
  assert.equal(percentile(buckets({}), 0.5), undefined)
  assert.equal(percentile(buckets({ 1: 100 }), 0.5), 0.5)
  assert.equal(percentile(buckets({ 10: 50, 20: 50 }), 0.5), 10)
  assert.equal(percentile(buckets({ 10: 98, 20: 2 }), 0.99), 17.5)
  assert.equal(percentile(buckets({ 10: 1, Infinity: 99 }), 0.99), bucketBoundsMs.at(-1))
})

/** At one door: a sign-in, one that is refused, a refresh, and one that is refused. */
async function useDoor(server: TestServer, person: Person): Promise<void> {
  const { refresh } = minbil.tokensOf(await minbil.signIn(server, person))
  await minbil.signIn(server, { ...person, password: 'not the password' })
  await minbil.refresh(server, refresh)
  await minbil.refresh(server, 'no token')
}

/** Sets the clock to the beginning of a minute, with what was before written down. */
async function startMinute(server: TestServer): Promise<void> {
  server.clock.advance(minute - (server.clock.now() % minute))
  await server.maintain()
}

/** Sets the clock to when all nodes have written the minute down, and has them do so. */
async function endMinute(server: TestServer): Promise<void> {
  await startMinute(server)
  server.clock.advance(20_000)
  await server.maintain()
}
