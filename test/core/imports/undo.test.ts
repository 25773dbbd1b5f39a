import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createAccountByHand } from '../../../src/core/accounts/admin.ts'
import { RunRefused } from '../../../src/core/imports/options.ts'
import { listRuns } from '../../../src/core/imports/runs.ts'
import { undoRun } from '../../../src/core/imports/undo.ts'
import { execute } from '../../harness/database.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { freshId, importAll, recordOf, useRealm } from './importing.ts'

onEveryEngine('undoing an import', (engine) => {
  const realm = useRealm(engine)
  const importIds = async (ids: string[]) => {
    const records = ids.map((id) =>
      recordOf(id, {
        id,
        email: `${id}@example.com`,
        lastSignInAt: '2999-01-01T00:00:00Z',
        totp: [{ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', algorithm: 'SHA1', digits: 6, period: 30 }],
        recoveryCodes: ['aaaa-bbbb-1'],
      }),
    )
    const { report } = await importAll(realm, records)
    return report.runId ?? ''
  }
  const isThere = async (id: string) => (await realm.ctx.store.accounts.byId(id)) !== undefined

  it('removes what nobody has used, and keeps the rest with its reasons', async () => {
    const ids = Array.from({ length: 5 }, freshId)
    const [unused = '', signedIn = '', changed = '', linked = '', disabled = ''] = ids
    const before = await importIds([freshId()])
    const runId = await importIds(ids)
    realm.clock.now += 1000
    await execute(
      realm.url,
      `update accounts set last_sign_in_at = ${realm.clock.now} where id = '${signedIn}'`,
    )
    await realm.ctx.store.accounts.setProfile(changed, { name: 'New' }, realm.clock.now)
    await realm.ctx.store.accounts.disable(disabled, realm.clock.now)
    await realm.ctx.store.legacyLinks.add([
      {
        source: 'other',
        source_id: linked,
        account_id: linked,
        run_id: null,
        created_account: 0,
        place: null,
        linked_at: 1,
      },
    ])
    const { removed, kept } = await undoRun(realm.ctx, runId)
    assert.equal(removed, 1)
    assert.deepEqual(
      kept.map(({ reason, places }) => [reason, places.toSorted()]),
      [
        ['was changed', [changed, disabled].sort()],
        ['somebody has signed in', [signedIn]],
        ['another import has linked it', [linked]],
      ].sort((one, other) => Number(other[1]?.length) - Number(one[1]?.length)),
    )
    assert.deepEqual(await Promise.all(ids.map(isThere)), [false, true, true, true, true])
    const left = await realm.rows(
      `select account_id from legacy_links where source_id = '${unused}'
       union all select account_id from totp where account_id = '${unused}'
       union all select account_id from recovery_codes where account_id = '${unused}'
       union all select account_id from audit where account_id = '${unused}'`,
    )
    assert.deepEqual(left, [])
    const trail = await realm.rows(`select event, actor from audit where detail = '${runId}' order by event`)
    assert.ok(trail.some(({ event }) => event === 'accounts.import_undone'))
    assert.equal((await listRuns(realm.ctx)).find(({ id }) => id === before)?.undoneAt, undefined)
    assert.equal(await isThere(ids[0] ?? ''), false)
  })

  it('happens once, and what it has removed can be imported again', async () => {
    const id = freshId()
    const runId = await importIds([id])
    assert.deepEqual(await undoRun(realm.ctx, runId), { removed: 1, kept: [] })
    await assert.rejects(undoRun(realm.ctx, runId), RunRefused)
    await assert.rejects(undoRun(realm.ctx, 'no such run'), RunRefused)
    await importIds([id])
    assert.equal(await isThere(id), true)
  })

  it('takes the links from accounts that were there, and nothing else of them', async () => {
    const id = freshId()
    const email = `${id}@example.com`
    const account = await createAccountByHand(realm.ctx, {
      email,
      password: 'own password of the account',
      provenAt: realm.clock.now,
    })
    const { report } = await importAll(
      realm,
      [
        recordOf(id, {
          email,
          emailVerified: true,
          profile: { city: 'Bergen' },
          identities: [{ provider: 'google', subject: id }],
        }),
      ],
      { onConflict: 'fill' },
    )
    assert.equal(report.filled, 1)
    assert.deepEqual(await undoRun(realm.ctx, report.runId ?? ''), { removed: 0, kept: [] })
    assert.deepEqual(await realm.ctx.store.legacyLinks.listOf(account.id), [])
    assert.deepEqual(JSON.parse((await realm.ctx.store.accounts.byId(account.id))?.profile ?? ''), {
      city: 'Bergen',
    })
  })

  it('keeps an account with its links where somebody has a session', async () => {
    const id = freshId()
    const runId = await importIds([id])
    await execute(
      realm.url,
      `insert into sessions (id, realm, account_id, client_id, dialect, generation, rotated_at, created_at,
         last_used_at, idle_expires_at, absolute_expires_at, master_key_id)
       values ('s-${id}', 'main', '${id}', 'c', 'd', 0, 0, 0, 0, 0, 0, 'k')`,
    )
    const { removed, kept } = await undoRun(realm.ctx, runId)
    assert.deepEqual([removed, kept[0]?.reason], [0, 'somebody has signed in'])
    assert.equal((await realm.ctx.store.legacyLinks.listOf(id)).length, 1)
  })
})
