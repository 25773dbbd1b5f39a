import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createAccountByHand } from '../../../src/core/accounts/admin.ts'
import { claimEmail } from '../../../src/core/accounts/take-over.ts'
import { transaction } from '../../../src/core/context.ts'
import type { ImportRecord } from '../../../src/core/imports/neutral.ts'
import { ImportConflict } from '../../../src/core/imports/options.ts'
import type { AccountRow } from '../../../src/store/schema.ts'
import { execute } from '../../harness/database.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { freshId, importAll, recordOf, useRealm } from './importing.ts'

onEveryEngine('an import that meets an account', (engine) => {
  const realm = useRealm(engine)
  const password = 'own password of the account'
  const rowOf = async (id: string) => (await realm.ctx.store.accounts.byId(id)) as AccountRow
  const makeAccount = (names: { email?: string; username?: string; phone?: string }, isProven = true) =>
    createAccountByHand(realm.ctx, {
      ...names,
      password,
      provenAt: isProven ? realm.clock.now : undefined,
    })
  const rich = (id: string): Partial<ImportRecord> => ({
    id,
    emailVerified: true,
    username: `name of ${id}`,
    passwordHash: '$bcrypt$theirs',
    profile: { name: 'Theirs', city: 'Bergen' },
    attributes: { role: 'admin' },
    totp: [{ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', algorithm: 'SHA1', digits: 6, period: 30 }],
    recoveryCodes: ['aaaa-bbbb-1'],
    identities: [{ provider: 'google', subject: `g-${id}` }],
  })

  it('leaves it alone, by whichever name it meets it', async () => {
    const id = freshId()
    const username = `n${id.replace('-', '')}`
    const account = await makeAccount({ email: `${id}@example.com`, username })
    const before = await rowOf(account.id)
    const { report } = await importAll(realm, [
      recordOf(freshId(), { ...rich(freshId()), email: `${id}@EXAMPLE.com` }),
      recordOf(freshId(), { ...rich(freshId()), username: username.toUpperCase() }),
    ])
    assert.deepEqual(
      report.skipped.map(({ reason, count }) => [reason, count]),
      [
        ['email: an account has it', 1],
        ['username: an account has it', 1],
      ],
    )
    assert.deepEqual(await rowOf(account.id), before)
  })

  it('ends before that batch when it is to fail, in a dry run too', async () => {
    const [known, fresh, later] = [freshId(), freshId(), freshId()]
    await makeAccount({ email: `${known}@example.com` })
    const records = [fresh, later, known].map((id) => recordOf(id, { email: `${id}@example.com` }))
    for (const isDryRun of [true, false])
      await assert.rejects(
        importAll(realm, records, { onConflict: 'fail', isDryRun, batchSize: 2 }),
        (error) =>
          error instanceof ImportConflict && error.message === 'users.json:3: email: an account has it',
      )
    const links = await realm.rows(
      `select source_id from legacy_links where source_id in ('${known}', '${fresh}', '${later}')`,
    )
    assert.equal(links.length, 2)
  })

  it('fills what a proven account lacks, and keeps its password', async () => {
    const id = freshId()
    const account = await makeAccount({ email: `${id}@example.com` })
    await realm.ctx.store.accounts.setProfile(account.id, { name: 'Own' }, realm.clock.now)
    const { report, outcomes } = await importAll(
      realm,
      [recordOf(id, { ...rich(id), email: `${id}@example.com` })],
      { onConflict: 'fill' },
    )
    assert.deepEqual([report.filled, report.created, outcomes.get(1)?.what], [1, 0, 'filled'])
    const filled = await rowOf(account.id)
    assert.equal(filled.password_hash, account.password_hash)
    assert.equal(filled.password_kind, null)
    assert.equal(filled.username, `name of ${id}`)
    assert.deepEqual(JSON.parse(filled.profile), { name: 'Own', city: 'Bergen' })
    assert.deepEqual(JSON.parse(filled.attributes ?? ''), { role: 'admin' })
    assert.deepEqual([report.secondFactors, report.recoveryCodes], [1, 1])
    const links = await realm.ctx.store.legacyLinks.listOf(account.id)
    assert.deepEqual(
      links.map((link) => [link.source, link.source_id, link.created_account]),
      [
        ['identity:google', `g-${id}`, 0],
        ['old', id, 0],
      ],
    )
    const again = await importAll(realm, [recordOf(id, { ...rich(id), email: `${id}@example.com` })], {
      onConflict: 'fill',
    })
    assert.deepEqual([again.report.filled, again.report.unchanged], [0, 1])
  })

  it('puts no second factor over another', async () => {
    const id = freshId()
    const account = await makeAccount({ email: `${id}@example.com` })
    await realm.ctx.store.totp.enrol(account.id, { sealed: 'own', keyId: 'k' }, 1)
    await importAll(realm, [recordOf(id, { ...rich(id), email: `${id}@example.com` })], {
      onConflict: 'fill',
    })
    assert.equal((await realm.ctx.store.totp.byAccount(account.id))?.secret_sealed, 'own')
    assert.deepEqual(await realm.ctx.store.recoveryCodes.list(account.id), [])
  })

  it('fills nobody of whom not both sides have proven the name', async () => {
    const cases = [
      { isProvenHere: false, emailVerified: true },
      { isProvenHere: true, emailVerified: false },
      { isProvenHere: false, emailVerified: false },
    ]
    for (const { isProvenHere, emailVerified } of cases) {
      const id = freshId()
      const account = await makeAccount({ email: `${id}@example.com` }, isProvenHere)
      const before = await rowOf(account.id)
      const { report } = await importAll(
        realm,
        [recordOf(id, { ...rich(id), email: `${id}@example.com`, emailVerified })],
        { onConflict: 'fill' },
      )
      assert.deepEqual([report.filled, report.created, report.skipped[0]?.count], [0, 0, 1])
      assert.deepEqual(await rowOf(account.id), before)
      assert.deepEqual(await realm.ctx.store.legacyLinks.listOf(account.id), [])
      assert.equal(await realm.ctx.store.totp.byAccount(account.id), undefined)
    }
  })

  it('fills nobody by a user name, which anybody may have taken', async () => {
    const id = freshId()
    const username = `u${id.replace('-', '')}`
    const account = await makeAccount({ email: `${id}@example.com`, username })
    const before = await rowOf(account.id)
    const { report } = await importAll(
      realm,
      [recordOf(id, { ...rich(id), email: `else-${id}@example.com`, username })],
      { onConflict: 'fill' },
    )
    assert.deepEqual([report.filled, report.created], [0, 0])
    assert.deepEqual(await rowOf(account.id), before)
  })

  it('takes a newer hash of the same old account until somebody has signed in here', async () => {
    const id = freshId()
    const record = (hash: string) => [recordOf(id, { id, email: `${id}@example.com`, passwordHash: hash })]
    await importAll(realm, record('$bcrypt$one'))
    await importAll(realm, record('$bcrypt$two'))
    assert.equal((await rowOf(id)).password_hash, '$bcrypt$one')
    await importAll(realm, record('$bcrypt$two'), { onConflict: 'fill' })
    assert.equal((await rowOf(id)).password_hash, '$bcrypt$two')

    const own = `update accounts set password_hash = '$argon2id$own', password_kind = null where id = '${id}'`
    await execute(realm.url, own)
    const { report } = await importAll(realm, record('$bcrypt$three'), { onConflict: 'fill' })
    assert.deepEqual([report.filled, report.unchanged], [0, 1])
    assert.equal((await rowOf(id)).password_hash, '$argon2id$own')
  })

  it('takes a newer hash of the same old account that is told in parts', async () => {
    const id = freshId()
    const record = (hash: string) => [
      recordOf(id, { id, email: `${id}@example.com`, password: { kind: 'parts', hash } }),
    ]
    await importAll(realm, record('$bcrypt$one'))
    const again = await importAll(realm, record('$bcrypt$one'), { onConflict: 'fill' })
    assert.deepEqual([again.report.filled, again.report.unchanged], [0, 1])
    await importAll(realm, record('$bcrypt$two'), { onConflict: 'fill' })
    assert.equal((await rowOf(id)).password_hash, '$bcrypt$two')
  })

  it('shuts out who was shut out at the old system meanwhile, until somebody has signed in here', async () => {
    const [id, settled] = [freshId(), freshId()]
    const records = (disabled: boolean) =>
      [id, settled].map((id) =>
        recordOf(id, { id, email: `${id}@example.com`, passwordHash: '$bcrypt$one', disabled }),
      )
    await importAll(realm, records(false))
    await execute(realm.url, `update accounts set password_kind = null where id = '${settled}'`)
    const { report } = await importAll(realm, records(true), { onConflict: 'fill' })
    assert.deepEqual([report.filled, report.disabled], [1, 1])
    assert.notEqual((await rowOf(id)).disabled_at, null)
    assert.equal((await rowOf(settled)).disabled_at, null)
    const events = await realm.rows(`select account_id from audit where event = 'account.disabled'`)
    assert.deepEqual(
      events.map(({ account_id }) => account_id),
      [id],
    )
    await importAll(realm, records(false), { onConflict: 'fill' })
    assert.notEqual((await rowOf(id)).disabled_at, null, 'an import enables somebody')
  })

  it('brings no second factor back that its owner has turned off', async () => {
    const id = freshId()
    const { totp, passwordHash } = rich(id)
    const records = [recordOf(id, { id, email: `${id}@example.com`, passwordHash, totp })]
    await importAll(realm, records)
    await execute(realm.url, `update accounts set password_kind = null where id = '${id}'`)
    await execute(realm.url, `delete from totp where account_id = '${id}'`)
    const { report } = await importAll(realm, records, { onConflict: 'fill' })
    assert.deepEqual([report.secondFactors, report.unchanged], [0, 1])
  })

  it('brings no old password and no old factor back to an account that somebody else has proven theirs', async () => {
    for (const password of [{ passwordHash: '$bcrypt$squatters' }, { passwordPending: 'minbil' }]) {
      const id = freshId()
      const email = `${id}@example.com`
      const record = recordOf(id, { ...rich(id), passwordHash: undefined, ...password, id, email })
      const unproven = { ...record, emailVerified: false, identities: [] }
      await importAll(realm, [unproven])
      const claim = { email, passwordHash: null, brand: { name: 'Acme' } }
      const owner = await transaction(realm.ctx, (ctx) => claimEmail(ctx, claim))
      assert.equal(owner?.id, id)
      const { report } = await importAll(realm, [unproven], { onConflict: 'fill' })
      assert.deepEqual([report.filled, report.unchanged], [0, 1])
      const { password_hash, password_pending } = await rowOf(id)
      assert.deepEqual([password_hash, password_pending], [null, null])
      assert.equal(await realm.ctx.store.totp.byAccount(id), undefined)
    }
  })

  it('brings no second factor back that its owner has removed', async () => {
    const id = freshId()
    const record = recordOf(id, { ...rich(id), email: `${id}@example.com`, identities: [] })
    await importAll(realm, [record])
    const { totp, accounts } = realm.ctx.store
    realm.clock.now += 1000
    assert.ok(await accounts.recordSignIn(await rowOf(id), realm.clock.now, '$argon2id$own'))
    await totp.remove(id)
    await importAll(realm, [record], { onConflict: 'fill' })
    assert.equal(await totp.byAccount(id), undefined)
  })

  it('takes a second factor that the owner has set up at the old system before the first sign-in here', async () => {
    const id = freshId()
    const record = recordOf(id, { ...rich(id), email: `${id}@example.com`, identities: [] })
    await importAll(realm, [{ ...record, totp: undefined, recoveryCodes: undefined }])
    const { report } = await importAll(realm, [record], { onConflict: 'fill' })
    assert.deepEqual([report.filled, report.secondFactors], [1, 1])
    assert.ok(await realm.ctx.store.totp.byAccount(id))
  })

  it('fills an account once, however many entries mean it', async () => {
    const [id, phone] = [freshId(), '+4791234599']
    const account = await makeAccount({ email: `${id}@example.com`, phone })
    const records = [
      recordOf(freshId(), { email: `${id}@example.com`, emailVerified: true, username: `a ${id}` }),
      recordOf(freshId(), { phone, phoneVerified: true, username: `b ${id}` }),
    ]
    const dry = await importAll(realm, records, { onConflict: 'fill', isDryRun: true })
    const { report } = await importAll(realm, records, { onConflict: 'fill' })
    assert.deepEqual([report.filled, report.skipped[0]?.reason], [1, 'phone: an earlier entry has it'])
    assert.deepEqual({ ...dry.report, isDryRun: false, runId: report.runId }, report)
    assert.equal((await rowOf(account.id)).username, `a ${id}`)
  })
})
