import assert from 'node:assert/strict'
import { it } from 'node:test'
import { listNodes } from '../../src/core/operations/nodes.ts'
import { onEveryEngine, startTestServer, useServer } from '../harness/harness.ts'
import { withRealm } from '../harness/realm.ts'

const minute = 60_000

onEveryEngine('nodes', (engine) => {
  const server = useServer(engine)
  const nodes = () => withRealm(server, listNodes)

  it('say each minute that they serve, and what they are', async () => {
    const startedAt = server.clock.now()
    await server.maintain()
    const [node = assert.fail('no node'), ...others] = await nodes()
    assert.deepEqual(others, [])
    assert.equal(node.pid, process.pid)
    assert.match(node.version, /^\d+\.\d+\.\d+/)
    assert.ok(node.rssBytes > 10_000_000 && node.startedAt <= startedAt && !node.isLate)

    server.clock.advance(minute)
    await server.maintain()
    const [later] = await nodes()
    assert.equal(later?.id, node.id)
    assert.ok((later?.seenAt ?? 0) >= node.seenAt + minute)
  })

  it('go when they are stopped, are late when they are silent, and are forgotten after five minutes', async () => {
    const second = engine === 'postgres' ? await startTestServer(engine, { beside: server }) : undefined
    await second?.maintain()
    assert.equal((await nodes()).length, second ? 2 : 1)
    await second?.close()
    assert.deepEqual(
      (await nodes()).map(({ isLate }) => isLate),
      [false],
    )
    server.clock.advance(3 * minute)
    assert.deepEqual(
      (await nodes()).map(({ isLate }) => isLate),
      [true],
    )
    server.clock.advance(3 * minute)
    assert.deepEqual(await nodes(), [])
  })

  it('are new ones after a restart', async () => {
    await server.maintain()
    const [before] = await nodes()
    await server.restart()
    assert.deepEqual(await nodes(), [])
    await server.maintain()
    const [after] = await nodes()
    assert.notEqual(after?.id, before?.id)
  })
})
