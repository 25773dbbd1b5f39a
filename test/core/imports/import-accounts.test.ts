import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ImportRecord } from '../../../src/core/imports/neutral.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { freshId, importAll, recordOf, useRealm } from './importing.ts'

onEveryEngine('an import', (engine) => {
  const realm = useRealm(engine)
  const accountOf = async (id: string) =>
    (await realm.rows(`select * from accounts where id = '${id}'`))[0] ?? {}

  it('takes everything that a record has', async () => {
    const id = freshId()
    const { report, outcomes } = await importAll(realm, [
      recordOf(id, {
        id,
        email: ` Ada.${id}@EXAMPLE.com `,
        emailVerified: true,
        username: `Ada ${id}`,
        phone: '4791234567',
        passwordHash: '$bcrypt$abc',
        createdAt: '2020-01-02T03:04:05.000Z',
        lastSignInAt: '2021-01-02T03:04:05.000Z',
        profile: { name: 'Ada' },
        attributes: { roles: ['admin'] },
        identities: [{ provider: 'Google', subject: '1234' }],
      }),
    ])
    assert.deepEqual([report.read, report.created, report.verified], [1, 1, 1])
    assert.deepEqual(outcomes.get(1), { what: 'created', accountId: id, dropped: [] })
    const account = await accountOf(id)
    assert.deepEqual(
      [account.email, account.username, account.phone, account.password_hash, account.password_kind],
      [`ada.${id}@example.com`, `Ada ${id}`, '+4791234567', '$bcrypt$abc', 'bcrypt 10'],
    )
    assert.equal(Number(account.email_verified_at), realm.clock.now)
    assert.equal(account.phone_verified_at, null)
    assert.equal(Number(account.password_changed_at), realm.clock.now)
    assert.equal(Number(account.created_at), Date.parse('2020-01-02T03:04:05Z'))
    assert.equal(Number(account.last_sign_in_at), Date.parse('2021-01-02T03:04:05Z'))
    assert.deepEqual(JSON.parse(String(account.profile)), { name: 'Ada' })
    assert.deepEqual(JSON.parse(String(account.attributes)), { roles: ['admin'] })
    const links = await realm.rows(
      `select source, source_id, created_account from legacy_links where account_id = '${id}' order by source`,
    )
    assert.deepEqual(
      links.map((link) => [link.source, link.source_id, Number(link.created_account)]),
      [
        ['identity:google', '1234', 0],
        ['old', id, 1],
      ],
    )
  })

  it('leaves the second of two imports nothing to do', async () => {
    const records = Array.from({ length: 7 }, () => freshId()).map((id) =>
      recordOf(id, { email: `${id}@example.com`, passwordHash: '$bcrypt$x' }),
    )
    const first = await importAll(realm, records, { batchSize: 3 })
    const count = async () => (await realm.rows('select count(*) as n from accounts'))[0]?.n
    const before = await count()
    for (const onConflict of ['skip', 'fill', 'fail'] as const) {
      const second = await importAll(realm, records, { batchSize: 2, onConflict })
      assert.deepEqual([first.report.created, second.report.created], [7, 0])
      assert.deepEqual([second.report.unchanged, second.report.filled], [7, 0], onConflict)
    }
    assert.equal(await count(), before)
  })

  it('reports in a dry run what it would do, and writes nothing', async () => {
    const [one, two, three] = [freshId(), freshId(), freshId()]
    const records: ImportRecord[] = [
      recordOf(one, { email: `${one}@example.com`, passwordHash: '$bcrypt$x', disabled: true }),
      recordOf(two, { email: `${one}@example.com` }),
      recordOf(one, { email: `other-${one}@example.com` }),
      recordOf(three, { email: 'nobody at all' }),
      recordOf(three, { username: `name-${three}`, phone: 'x', passwordHash: 'plain' }),
    ]
    const state = async () =>
      JSON.stringify([
        await realm.rows('select * from accounts order by id'),
        await realm.rows('select * from legacy_links order by source_id'),
        await realm.rows('select * from import_runs order by id'),
        await realm.rows('select count(*) from audit'),
      ])
    const before = await state()
    const options = { batchSize: 2, pendingDialect: 'olddoor' }
    const dry = await importAll(realm, records, { ...options, isDryRun: true })
    assert.equal(await state(), before)
    const real = await importAll(realm, records, options)
    assert.notEqual(await state(), before)
    const { runId, ...report } = real.report
    assert.ok(runId)
    assert.deepEqual(dry.report, { ...report, isDryRun: true })
    assert.deepEqual(report.skipped, [
      {
        reason: 'email: an earlier entry has it',
        count: 1,
        places: ['users.json:2 (first at users.json:1)'],
      },
      {
        reason: 'source id: an earlier entry has it',
        count: 1,
        places: ['users.json:3 (first at users.json:1)'],
      },
    ])
    assert.deepEqual([report.created, report.refused[0]?.count], [2, 1])
    assert.deepEqual(report.dropped.map(({ reason }) => reason).sort(), [
      'password: of an unknown kind',
      'phone: none that can exist, or without its country',
    ])
    assert.deepEqual(
      report.passwords.map(({ label, accounts }) => [label, accounts]),
      [
        ['bcrypt 10', 1],
        ['pending olddoor', 1],
      ],
    )
  })

  it('keeps a user name with an @ that is no e-mail address, and a number that no table knows yet', async () => {
    const [a = '', b = ''] = [freshId(), freshId()]
    const username = `Björn@${a}+x`
    await importAll(realm, [recordOf(a, { username }), recordOf(b, { phone: '+447700900123' })])
    assert.equal((await accountOf(await idOf(a))).username, username)
    assert.equal((await accountOf(await idOf(b))).phone, '+447700900123')
  })

  it('takes no name that it cannot keep, and refuses an entry without any', async () => {
    const ids = Array.from({ length: 4 }, freshId)
    const [a = '', b = '', c = '', d = ''] = ids
    const { report, outcomes } = await importAll(realm, [
      recordOf(a, { username: `${a}@example.com` }),
      recordOf(b, { email: `${b}@example.com`, username: 'x\u202ey', phone: '07700 900123' }),
      recordOf(c, { username: '+4791234569' }),
      recordOf(d, { email: `${d}@example.com`, username: 'a @ b' }),
      { refused: 'no JSON' },
      { skipped: 'service account' },
      { source: 'Not A Source!', sourceId: 'x', email: 'x@example.com' },
      recordOf('', { email: 'x@example.com' }),
      recordOf('a\0b', { email: 'x@example.com' }),
    ])
    assert.equal((await accountOf(await idOf(a))).email, `${a}@example.com`)
    assert.deepEqual([outcomes.get(1)?.what, outcomes.get(3)?.what], ['created', 'refused'])
    assert.deepEqual(report.dropped.map(({ reason }) => reason).sort(), [
      'phone: none that can exist, or without its country',
      'username: has characters that nobody sees',
      'username: reads like a phone number, an address or an id',
    ])
    assert.equal(report.created, 3)
    assert.deepEqual(
      report.refused.map(({ reason, count }) => [reason, count]),
      [
        ['sourceId: missing or too long', 2],
        ['no e-mail address, user name or phone number that can be taken', 1],
        ['no JSON', 1],
        ['source: no name of a system', 1],
      ],
    )
    assert.equal(report.skipped[0]?.reason, 'service account')
  })

  it('drops an unproven phone number that somebody has, and keeps the person', async () => {
    const [a, b, c] = [freshId(), freshId(), freshId()]
    const phone = '+4791234568'
    const { report, outcomes } = await importAll(realm, [
      recordOf(a, { email: `${a}@example.com`, phone }),
      recordOf(b, { email: `${b}@example.com`, phone }),
      recordOf(c, { email: `${c}@example.com`, phone, phoneVerified: true }),
    ])
    assert.deepEqual([report.created, outcomes.get(3)?.what], [2, 'skipped'])
    assert.equal((await accountOf(await idOf(b))).phone, null)
    assert.equal((await accountOf(await idOf(a))).phone, phone)
  })

  it('writes one line for the run and one for each account into the trail, sends nothing, and logs no name', async () => {
    const id = freshId()
    const jobs = await realm.rows('select count(*) as n from jobs')
    const { report } = await importAll(realm, [recordOf(id, { email: `${id}@example.com` })])
    const trail = await realm.rows(
      `select event, account_id, actor from audit where detail = '${report.runId}' order by event`,
    )
    assert.deepEqual(
      trail.map(({ event, account_id, actor }) => [event, account_id, actor]),
      [
        ['account.imported', await idOf(id), 'cli'],
        ['accounts.imported', null, 'cli'],
      ],
    )
    assert.deepEqual(await realm.rows('select count(*) as n from jobs'), jobs)
    assert.doesNotMatch(realm.log.join('\n'), /person-|@example/)
  })

  async function idOf(sourceId: string): Promise<string> {
    const [link] = await realm.rows(`select account_id from legacy_links where source_id = '${sourceId}'`)
    return String(link?.account_id)
  }
})
