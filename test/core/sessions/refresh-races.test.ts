import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Cluster, onEveryCluster } from '../../harness/cluster.ts'
import { credebl, minbil, register, type TestDoor } from '../../harness/doors.ts'
import { claimsOf } from '../../harness/harness.ts'

const callers = 24

/** Refreshes a token and goes on to where repeating it is no longer excused: contracts/README.md, rule 14. */
const outlive: Record<string, (cluster: Cluster, token: string) => Promise<string>> = {
  minbil: async (cluster, token) => {
    const { refresh } = minbil.tokensOf(await minbil.refresh(cluster, token))
    cluster.advance(10_001)
    return refresh
  },
  credebl: async (cluster, token) => {
    const { refresh } = credebl.tokensOf(await credebl.refresh(cluster, token))
    return credebl.tokensOf(await credebl.refresh(cluster, refresh)).refresh
  },
}

onEveryCluster('races for a refresh token', (cluster) => {
  for (const door of [minbil, credebl]) {
    it(`gives concurrent requests of ${door.name} with one token the same successor`, async () => {
      const { session, token } = await open(cluster, door)
      const answers = await cluster.race(callers, (server) => door.refresh(server, token))
      const successors = new Set(answers.map((answer) => door.tokensOf(answer).refresh))
      assert.equal(successors.size, 1)
      assert.ok(!successors.has(token))
      assert.equal(await generationOf(cluster, session), 2)

      const [successor = ''] = successors
      const next = door.tokensOf(await door.refresh(cluster, successor))
      assert.notEqual(next.refresh, successor)
      assert.equal((await door.refresh(cluster, next.refresh)).status, 200)
      assert.deepEqual(await reuseEvents(cluster, session), [])
    })

    it(`refuses concurrent requests of ${door.name} with an old token, and ends its session once`, async () => {
      const { person, session, token } = await open(cluster, door)
      const newest = await outlive[door.name]?.(cluster, token)
      assert.ok(newest)

      const answers = await cluster.race(callers, (server) => door.refresh(server, token))
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401])
      assert.equal((await door.refresh(cluster, newest)).status, 401)
      assert.equal((await reuseEvents(cluster, session)).length, 1)
      const warnings = (await cluster.mailsTo(person.email)).filter(({ subject }) =>
        /^You were signed out/.test(subject),
      )
      assert.equal(warnings.length, 1)
    })
  }
})

async function open(cluster: Cluster, door: TestDoor) {
  const person = await register(cluster)
  const { access, refresh } = door.tokensOf(await door.signIn(cluster, person))
  return { person, token: refresh, session: claimsOf(access).sid as string }
}

async function generationOf(cluster: Cluster, session: string): Promise<number> {
  const [row] = await cluster.select(`select generation from sessions where id = '${session}'`)
  return Number(row?.generation)
}

function reuseEvents(cluster: Cluster, session: string) {
  return cluster.select(
    `select id from audit where event = 'session.reuse_detected' and session_id = '${session}'`,
  )
}
