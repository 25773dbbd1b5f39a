import assert from 'node:assert/strict'
import { it } from 'node:test'
import { eraseAccount } from '../../../src/core/accounts/erasure.ts'
import { exportAccount } from '../../../src/core/accounts/export.ts'
import { claimEmail } from '../../../src/core/accounts/take-over.ts'
import { transaction } from '../../../src/core/context.ts'
import { exportAccounts } from '../../../src/core/imports/export-accounts.ts'
import type { ImportRecord } from '../../../src/core/imports/neutral.ts'
import { undoRun } from '../../../src/core/imports/undo.ts'
import { knownIps } from '../../../src/core/limits/account-limits.ts'
import { select } from '../../harness/database.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { bringPerson } from '../../limits/imported.ts'
import { freshId, importAll, recordOf, useRealm } from './importing.ts'

const day = 86_400_000

onEveryEngine('addresses that an account brings along', (engine) => {
  const realm = useRealm(engine)
  const bring = async (record: Partial<ImportRecord>, id = freshId()) => {
    const email = `${id}@example.com`
    const { report, outcomes } = await importAll(realm, [recordOf(id, { id, email, ...record })])
    assert.equal(outcomes.get(1)?.what, 'created')
    return { id, email, report }
  }
  const known = async (id: string) => (await knownIps(realm.ctx, id)).toSorted()

  it('are known to be its owner’s, each once and as it is compared', async () => {
    const given = ['203.0.113.7', '2001:DB8::0:7', '::ffff:203.0.113.7']
    const { id, report } = await bring({ knownAddresses: given })
    assert.deepEqual(await known(id), ['2001:db8::7', '203.0.113.7'])
    assert.deepEqual(report.dropped, [])
    assert.deepEqual(await known((await bring({})).id), [])
  })

  it('are the first five, and no others than such that people come from', async () => {
    const nobodys = ['localhost', '127.0.0.1', '::1', '0.0.0.0', '::', '203.0.113', '', '203.0.113.1:80']
    const many = Array.from({ length: 9 }, (_, index) => `203.0.113.${index}`)
    const { id, report } = await bring({ knownAddresses: [...nobodys, ...many] })
    assert.deepEqual(await known(id), many.slice(0, 5))
    assert.deepEqual(
      report.dropped.map(({ reason, count }) => [reason, count]),
      [['known address: not one of a person', nobodys.length]],
    )
    for (const strange of ['203.0.113.1', 7, { 0: '203.0.113.1' }, [7, null, ['203.0.113.1']]]) {
      const record = { knownAddresses: strange } as unknown as Partial<ImportRecord>
      assert.deepEqual(await known((await bring(record)).id), [])
    }
  })

  it('come to an account that was there with the password that was used from there alone', async () => {
    const id = freshId()
    const knownAddresses = ['203.0.113.8']
    const fill = async (record: Partial<ImportRecord>) => {
      const given = recordOf(id, { id, email: `${id}@example.com`, knownAddresses, ...record })
      return (await importAll(realm, [given], { onConflict: 'fill' })).outcomes.get(1)?.what
    }
    await bring({}, id)
    assert.equal(await fill({}), 'unchanged')
    assert.equal(await fill({ profile: { name: 'Ada' } }), 'filled')
    assert.deepEqual(await known(id), [])
    assert.equal(await fill({ passwordHash: '$bcrypt$x' }), 'filled')
    assert.deepEqual(await known(id), knownAddresses)
  })

  it('are in what is held of a person, leave with the account, and are gone with it', async () => {
    const { id } = await bring({ knownAddresses: ['203.0.113.9'] })
    const account = (await realm.ctx.store.accounts.byId(id)) ?? assert.fail()
    const { knownAddresses } = await exportAccount(realm.ctx, account)
    assert.deepEqual(knownAddresses, [
      { ip: '203.0.113.9', importedAt: new Date(realm.clock.now).toISOString() },
    ])
    const leaving = []
    for await (const { record } of exportAccounts(realm.ctx, { secretIdOf: () => undefined }))
      if (record.id === id) leaving.push(record.knownAddresses)
    assert.deepEqual(leaving, [['203.0.113.9']])

    assert.ok(await eraseAccount(realm.ctx, id))
    assert.deepEqual(await realm.rows(`select * from known_addresses where account_id = '${id}'`), [])
  })

  it('are gone when the import is undone', async () => {
    const { id, report } = await bring({ knownAddresses: ['203.0.113.10'] })
    assert.equal((await undoRun(realm.ctx, report.runId ?? '')).removed, 1)
    assert.deepEqual(await realm.rows(`select * from known_addresses where account_id = '${id}'`), [])
  })

  it('are void once somebody else has proven to be the owner', async () => {
    const { id, email } = await bring({ passwordHash: '$bcrypt$x', knownAddresses: ['203.0.113.11'] })
    const brand = { name: 'Acme' }
    const claimed = await transaction(realm.ctx, (ctx) =>
      claimEmail(ctx, { email, passwordHash: null, brand }),
    )
    assert.equal(claimed?.id, id)
    assert.deepEqual(await known(id), [])
  })
})

onEveryEngine('addresses that accounts have brought along', (engine) => {
  const server = useServer(engine)

  it('are kept as long as sessions that have ended', async () => {
    await bringPerson(server, { knownAddresses: ['203.0.113.12', '203.0.113.13'] })
    const left = async () =>
      (await select(server.env.DATABASE_URL ?? '', 'select ip from known_addresses')).length
    const lefts = []
    for (const days of [89, 2]) {
      server.clock.advance(days * day)
      await server.maintain()
      lefts.push(await left())
    }
    assert.deepEqual(lefts, [2, 0])
  })
})
