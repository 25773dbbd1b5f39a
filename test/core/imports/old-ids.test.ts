import assert from 'node:assert/strict'
import { it } from 'node:test'
import { AmbiguousAccount, accountNamed, listAccounts } from '../../../src/core/accounts/admin.ts'
import { eraseAccount } from '../../../src/core/accounts/erasure.ts'
import { exportAccount } from '../../../src/core/accounts/export.ts'
import { filterFor } from '../../../src/core/audit/trail.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { freshId, importAll, recordOf, useRealm } from './importing.ts'

onEveryEngine('an old id', (engine) => {
  const realm = useRealm(engine)

  it('is kept as it is, with capitals and signs', async () => {
    const ids = ['5F0C0FFEE0', 'auth0|64f0', 'A.b_c~d:e|f@g-h', '17', 'C56A4180-65AA-42EC-A945-5FD21DEC0538']
    const records = ids.map((id) => recordOf(freshId(), { id, email: `${freshId()}@example.com` }))
    const { report } = await importAll(realm, records)
    assert.deepEqual([report.created, report.idsChanged, report.dropped], [5, 0, []])
    for (const id of ids) {
      assert.equal((await accountNamed(realm.ctx, `id:${id}`))?.id, id)
      assert.equal((await accountNamed(realm.ctx, id))?.id, id)
    }
    assert.equal(await accountNamed(realm.ctx, 'id:AUTH0|64F0'), undefined)
  })

  it('gives way to a new one where it cannot be kept, is taken, or new ones are wanted', async () => {
    const taken = `taken-${freshId()}`
    const ids = ['with blank', 'x'.repeat(65), 'email:x', 'deleted-1', 'nobody', 'é', taken, taken]
    const records = ids.map((id) => recordOf(freshId(), { id, email: `${freshId()}@example.com` }))
    const { report, outcomes } = await importAll(realm, records)
    assert.deepEqual([report.created, report.idsChanged], [8, 7])
    assert.deepEqual(
      report.dropped.map(({ reason, count }) => [reason, count]),
      [
        ['id: has a form that cannot be kept', 6],
        ['id: another account has it', 1],
      ],
    )
    assert.deepEqual(outcomes.get(7), { what: 'created', accountId: taken, dropped: [] })
    const [kept] = await realm.rows(
      `select account_id from legacy_links where source_id = '${records[0]?.sourceId}'`,
    )
    assert.match(String(kept?.account_id), /^[\da-f]{8}-[\da-f]{4}-7/)

    const other = await importAll(
      realm,
      [recordOf(freshId(), { id: 'new', email: `${freshId()}@example.com` })],
      {
        ids: 'new',
      },
    )
    assert.deepEqual([other.report.created, other.report.idsChanged], [1, 1])
    assert.equal(await accountNamed(realm.ctx, 'id:new'), undefined)
  })

  it('that reads like a name of another account names neither by itself', async () => {
    const name = freshId().replace('-', '')
    await importAll(realm, [
      recordOf(freshId(), { id: name, email: `${name}@example.com` }),
      recordOf(freshId(), { id: `${name}@example.com`, username: name }),
    ])
    for (const text of [name, `${name}@example.com`])
      await assert.rejects(accountNamed(realm.ctx, text), AmbiguousAccount)
    assert.equal((await accountNamed(realm.ctx, `id:${name}`))?.email, `${name}@example.com`)
    assert.equal((await accountNamed(realm.ctx, `username:${name}`))?.id, `${name}@example.com`)
    assert.equal((await accountNamed(realm.ctx, `email:${name}@example.com`))?.id, name)
  })

  it('has its account in the list, whatever page it is on', async () => {
    const ids = ['~last', '0first', 'Middle', 'middle'].map((id) => `${id}${freshId()}`)
    await importAll(
      realm,
      ids.map((id) => recordOf(id, { id, email: `${freshId()}@example.com`, createdAt: '2001-01-01' })),
    )
    const listed: string[] = []
    for await (const { id } of listAccounts(realm.ctx, { createdSince: 0 })) listed.push(id)
    for (const id of ids) assert.equal(listed.filter((each) => each === id).length, 1, id)
    const young: string[] = []
    for await (const { id } of listAccounts(realm.ctx, { createdSince: Date.parse('2002-01-01') }))
      young.push(id)
    assert.ok(!young.some((id) => ids.includes(id)))
    assert.ok(young.length > 0)
  })

  it('goes with its account: links, attributes and all', async () => {
    const id = freshId()
    const record = {
      id,
      email: `${id}@example.com`,
      attributes: { plan: 'gold' },
      passwordPending: 'olddoor',
    }
    await importAll(realm, [
      recordOf(id, { ...record, identities: [{ provider: 'google', subject: `g-${id}` }] }),
    ])
    const account = await accountNamed(realm.ctx, id)
    assert.ok(account)
    const data = await exportAccount(realm.ctx, account)
    assert.deepEqual(data.importedFrom, [
      { source: 'identity:google', sourceId: `g-${id}` },
      { source: 'old', sourceId: id },
    ])
    assert.deepEqual([data.account.attributes, data.account.passwordPending], [{ plan: 'gold' }, 'olddoor'])

    const erased = await eraseAccount(realm.ctx, id)
    assert.match(erased?.pseudonym ?? '', /^deleted-/)
    const links = await realm.rows(`select * from legacy_links where account_id = '${id}'`)
    const trail = await realm.rows(`select * from audit where account_id = '${id}'`)
    assert.deepEqual([links, trail], [[], []])
    assert.deepEqual(await filterFor(realm.ctx, { account: `id:${id}` }), {
      of: { accountId: id, subjects: [] },
    })
    assert.equal(await filterFor(realm.ctx, { account: id }), undefined)
  })
})
