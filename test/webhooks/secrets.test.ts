import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { jsonOf } from '../harness/command.ts'
import { select, tableNames } from '../harness/database.ts'
import { onEveryEngine, useServer } from '../harness/harness.ts'
import { keyVariables, newMasterKey, restartWith } from '../harness/master-keys.ts'
import { addEndpoint, assertSigned, type Receiver, startReceiver, toldTimes } from './receiver.ts'

onEveryEngine('the secret of an endpoint', (engine) => {
  const [old, fresh] = [newMasterKey(), newMasterKey()]
  const server = useServer(engine, { env: keyVariables({ primary: old }) })
  let app: Receiver
  before(async () => {
    app = await startReceiver()
  })
  after(() => app?.close())

  it('is in no table and no line of the log, is sealed anew under a new master key, and goes on signing', async () => {
    const { id, secret } = await addEndpoint(server, { url: app.url })
    assert.match(secret, /^whsec_[\w+/]{43}=$/)
    const told = async () => {
      await jsonOf(server, ['webhook', 'test', id])
      server.clock.advance(0)
      return (await toldTimes(app, app.told.length + 1)).at(-1) ?? assert.fail()
    }
    assertSigned(await told(), secret, 'machine')
    await restartWith(server, { primary: fresh, previous: old })
    const counts = async () => {
      const [{ masterKeys }] = await jsonOf(server, ['keys', 'list'])
      return masterKeys.map(({ role, webhookSecrets }: Record<string, unknown>) => [role, webhookSecrets])
    }
    const before = await counts()
    assert.equal(before.length, 2)
    await jsonOf(server, ['keys', 'reseal'])
    assert.deepEqual(await counts(), [
      ['primary', 1],
      ['previous', 0],
    ])
    await restartWith(server, { primary: fresh })
    assertSigned(await told(), secret, 'machine')
    const bytes = secret.slice('whsec_'.length)
    for (const table of await tableNames(server.env.DATABASE_URL ?? '')) {
      const rows = JSON.stringify(await select(server.env.DATABASE_URL ?? '', `select * from "${table}"`))
      assert.ok(!rows.includes(bytes), table)
    }
    assert.ok(!JSON.stringify(server.log).includes(bytes))
  })
})
