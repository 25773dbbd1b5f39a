import assert from 'node:assert/strict'
import { it } from 'node:test'
import { heldBy, secretOf } from '../../../src/core/factors/held.ts'
import type { ImportedTotp } from '../../../src/core/imports/neutral.ts'
import { undoRun } from '../../../src/core/imports/undo.ts'
import { verifyPasswords } from '../../../src/core/imports/verify-passwords.ts'
import { stepOf, totpContext } from '../../../src/core/sign-in/authenticator.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { fakeIntake, freshId, importAll, recordOf, useRealm } from './importing.ts'

/** Of RFC 6238, appendix B. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const usual: ImportedTotp = { secret, algorithm: 'SHA1', digits: 6, period: 30 }
const names = ['laptop', 'laptop', 'two\nlines', 'n'.repeat(101), 'one too many']
const others = names.map((name, index) => ({ ...usual, secret: `JBSWY3DPEHPK3PX${'ABCDE'[index]}`, name }))

onEveryEngine('what an account can show', (engine) => {
  const realm = useRealm(engine)
  const importOne = async (record: Parameters<typeof recordOf>[1]) => {
    const id = freshId()
    const { report } = await importAll(realm, [recordOf(id, { id, email: `${id}@example.com`, ...record })])
    return { id, report }
  }

  it('is the authenticator that it had, sealed and in force', async () => {
    const { id, report } = await importOne({ totp: [{ ...usual, secret: ` ${secret.toLowerCase()}==== ` }] })
    assert.equal(report.secondFactors, 1)
    const totp = await realm.ctx.store.totp.byAccount(id)
    assert.ok(totp?.confirmed_at)
    assert.equal(realm.ctx.secrets.unseal(totp.secret_sealed, totpContext(id)), secret)
    assert.ok(!totp.secret_sealed.includes(secret))
    const at = { ...realm.ctx, now: () => 1111111109_000 }
    assert.equal(typeof stepOf(at, secret, '081804'), 'number')
    assert.equal(stepOf(at, secret, '081805'), undefined)
  })

  it('is no authenticator that cannot be checked here, with its codes', async () => {
    const bad: ImportedTotp[] = [
      { ...usual, algorithm: 'SHA256' },
      { ...usual, digits: 8 },
      { ...usual, period: 60 },
      { ...usual, algorithm: 'MD5' },
      { ...usual, secret: 'no base 32!' },
      { ...usual, secret: 'AAAA' },
    ]
    const { id, report } = await importOne({ totp: bad, recoveryCodes: ['aaaa-bbbb'] })
    assert.deepEqual(report.dropped.map(({ reason }) => reason).sort(), [
      'recovery codes: without an authenticator',
      'totp: SHA1, 6 digits, 60 seconds',
      'totp: SHA1, 8 digits, 30 seconds',
      'totp: SHA256, 6 digits, 30 seconds',
      'totp: a secret too short',
      'totp: another algorithm',
      'totp: no Base32',
    ])
    assert.equal(await realm.ctx.store.totp.byAccount(id), undefined)
    assert.deepEqual(await realm.ctx.store.recoveryCodes.list(id), [])
  })

  it('is each of several authenticators under its name, and the recovery codes that can be typed', async () => {
    const { id, report } = await importOne({
      totp: [{ ...usual, digits: 8 }, { ...usual, name: ' phone ' }, usual, ...others],
      recoveryCodes: ['ABCD-efgh-1', 'abcdefgh1', '123-456', 'short', '12345678'],
    })
    assert.deepEqual([report.secondFactors, report.recoveryCodes], [5, 2])
    assert.deepEqual(report.dropped.map(({ reason, count }) => [reason, count]).sort(), [
      ['recovery code: too short or too long', 2],
      ['totp: SHA1, 8 digits, 30 seconds', 1],
      ['totp: its name', 2],
      ['totp: more than 5', 1],
      ['totp: the same one twice', 1],
    ])
    const held = await heldBy(realm.ctx, id)
    assert.deepEqual(
      held.map((each) => [each.name, secretOf(realm.ctx, each), each.isFirst, each.confirmedAt]),
      [
        ['phone', secret, true, realm.clock.now],
        ['laptop', others[0]?.secret, false, realm.clock.now],
        ['laptop', others[1]?.secret, false, realm.clock.now],
        ['', others[2]?.secret, false, realm.clock.now],
        ['', others[3]?.secret, false, realm.clock.now],
      ],
    )
    assert.equal(new Set(held.map((each) => each.id)).size, 5)
    for (const { secretSealed } of held) assert.ok(!secretSealed.includes(secret))
    const kept = await realm.ctx.store.recoveryCodes.list(id)
    const wanted = ['abcdefgh1', '12345678'].map((code) =>
      realm.ctx.secrets.mac('recovery-code', `${id}\0${code}`).toString('base64url'),
    )
    assert.deepEqual(kept.map(({ hash }) => hash).sort(), wanted.sort())
  })

  it('stays what it is when the account is imported again, and goes with it when that is undone', async () => {
    const totp = [{ ...usual, name: 'phone' }, ...others.slice(0, 1)]
    const { id, report } = await importOne({ totp })
    const held = await heldBy(realm.ctx, id)
    const again = [recordOf(id, { id, email: `${id}@example.com`, totp: others.slice(0, 3) })]
    const second = await importAll(realm, again, { onConflict: 'fill' })
    assert.deepEqual([second.report.unchanged, second.report.secondFactors], [1, 0])
    assert.deepEqual(await heldBy(realm.ctx, id), held)
    await undoRun(realm.ctx, report.runId ?? '')
    assert.deepEqual(await heldBy(realm.ctx, id), [])
  })

  it('is told for passwords that somebody knows, and changes nothing', async () => {
    const email = `${freshId()}@example.com`
    const hash = await realm.ctx.hasher.hash('right password', undefined)
    const username = `u${freshId().replace('-', '')}`
    await importAll(
      realm,
      [
        recordOf(freshId(), { email, username, passwordHash: 'own' }),
        recordOf(freshId(), { email: `off-${email}`, passwordHash: 'own', disabled: true }),
        recordOf(freshId(), { email: `none-${email}` }),
      ],
      {
        intake: {
          ...fakeIntake,
          take: async () => ({ stored: hash, label: undefined, costMs: 12, isWrapped: false }),
        },
      },
    )
    const before = await realm.rows('select * from accounts order by id')
    async function* rows() {
      yield { identifier: email.toUpperCase(), password: 'right password', line: 1 }
      yield { identifier: ` ${username} `, password: 'right password', line: 2 }
      yield { identifier: email, password: 'wrong password', line: 3 }
      yield { identifier: `off-${email}`, password: 'right password', line: 4 }
      yield { identifier: `none-${email}`, password: 'right password', line: 5 }
      yield { identifier: 'nobody\0', password: 'right password', line: 6 }
    }
    const findings: string[] = []
    for await (const { line, finding } of verifyPasswords(realm.ctx, rows()))
      findings.push(`${line} ${finding}`)
    assert.deepEqual(findings, ['1 right', '2 right', '3 wrong', '4 disabled', '5 no_password', '6 unknown'])
    assert.deepEqual(await realm.rows('select * from accounts order by id'), before)
  })
})
