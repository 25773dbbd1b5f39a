import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEveryCluster } from '../../harness/cluster.ts'
import { credebl, minbil, register, type Target, type TestDoor, type Tokens } from '../../harness/doors.ts'

onEveryCluster('a database that was put back to an older state', (cluster) => {
  for (const door of [minbil, credebl]) {
    it(`accepts the newest token of ${door.name}, and reports no theft`, async () => {
      const tokens = await turned(cluster, door, 5)
      await putBack()
      const next = door.tokensOf(await door.refresh(cluster, tokens.refresh))
      assert.notEqual(next.refresh, tokens.refresh)
      door.tokensOf(await door.refresh(cluster, next.refresh))
      assert.deepEqual(await thefts(), [])
    })

    it(`gives one successor of ${door.name} to concurrent requests`, async () => {
      const tokens = await turned(cluster, door, 3)
      await putBack()
      const answers = await cluster.race(20, (server) => door.refresh(server, tokens.refresh))
      const successors = new Set(answers.map((answer) => door.tokensOf(answer).refresh))
      assert.equal(successors.size, 1)
      assert.deepEqual(await thefts(), [])
    })

    it(`still ends a session of ${door.name} when an old token is replayed`, async () => {
      const opened = await turned(cluster, door, 0)
      const tokens = await again(cluster, door, opened, 4)
      await putBack()
      const newest = await again(cluster, door, tokens, 2)
      for (const { refresh } of [opened, newest])
        assert.equal((await door.refresh(cluster, refresh)).status, 401)
      assert.equal((await thefts()).length, 1)
      await cluster.execute(`delete from audit where event = 'session.reuse_detected'`)
    })

    it(`does not revive an ended session of ${door.name}`, async () => {
      const tokens = await turned(cluster, door, 2)
      await putBack()
      await cluster.execute(`update sessions set ended_at = 1, ended_why = 'test'`)
      assert.equal((await door.refresh(cluster, tokens.refresh)).status, 401)
      assert.deepEqual(await thefts(), [])
    })
  }

  const putBack = () => cluster.execute('update sessions set generation = 1')
  const thefts = () => cluster.select(`select id from audit where event = 'session.reuse_detected'`)
})

/** The newest tokens of somebody new after so many refreshes. */
async function turned(target: Target, door: TestDoor, times: number): Promise<Tokens> {
  const person = await register(target)
  return again(target, door, door.tokensOf(await door.signIn(target, person)), times)
}

async function again(target: Target, door: TestDoor, tokens: Tokens, times: number): Promise<Tokens> {
  let newest = tokens
  for (let i = 0; i < times; i++) newest = door.tokensOf(await door.refresh(target, newest.refresh))
  return newest
}
