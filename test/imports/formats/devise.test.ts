import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { devise } from '../../../src/imports/formats/devise.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'
import { takesAnyValue } from './any-row.ts'

const row = {
  id: 7,
  email: 'eve@example.com',
  encrypted_password: '$2a$12$x',
  password_digest: null,
  confirmed_at: '2024-03-01 08:20:00',
  unconfirmed_email: 'other@example.com',
  current_sign_in_at: null,
  last_sign_in_at: null,
  created_at: '2024-03-01 08:15:30',
  deleted_at: null,
  discarded_at: null,
  provider: null,
  uid: null,
  otp_secret: null,
  encrypted_otp_secret: null,
  otp_backup_codes: null,
  otp_required_for_login: false,
  phone: '+447700900120',
  username: 'eve',
  name: 'Eve',
}

describe('the format devise', () => {
  it('reads the table users, with the pepper beside each hash', async () => {
    const file = 'devise-users.csv'
    const pepper = 'a-devise-pepper-of-the-app'
    assert.deepEqual(await entriesOf(devise, [sampleFile(file)], { secrets: { pepper } }), [
      {
        file,
        line: 2,
        record: {
          source: 'devise',
          sourceId: '1',
          id: '1',
          email: 'ada@example.com',
          emailVerified: true,
          password: {
            kind: 'bcrypt',
            hash: '$2a$12$w1TXps6ZDnka8vgzfN8p0ORacwdGMknd9Zsvi2R7yYxDDLQVCTVZe',
            pepper,
          },
          createdAt: '2024-03-01T08:15:30.123Z',
          lastSignInAt: '2024-06-01T00:00:00.000Z',
          totp: [{ secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30 }],
        },
      },
      {
        file,
        line: 3,
        record: {
          source: 'devise',
          sourceId: '2',
          id: '2',
          email: 'bjorn.ask@example.com',
          emailVerified: false,
          password: {
            kind: 'bcrypt',
            hash: '$2a$12$bBrZYvlVXDmcOwfR.GFXheJy2Peu3SkoMtZ12OAL6K4ynYfjnpTve',
            pepper,
          },
          createdAt: '2024-03-02T00:00:00.000Z',
        },
      },
      {
        file,
        line: 4,
        record: {
          source: 'devise',
          sourceId: '3',
          id: '3',
          email: 'chidi@example.com',
          emailVerified: true,
          createdAt: '2024-03-03T00:00:00.000Z',
        },
      },
    ])
  })

  it('takes hashes as they are where there is no pepper, and never one for has_secure_password', async () => {
    assert.equal((await recordOf({})).passwordHash, '$2a$12$x')
    const digest = { encrypted_password: undefined, password_digest: '$2a$12$y' }
    const record = await recordOf(digest, { pepper: 'p' })
    assert.equal(record.passwordHash, '$2a$12$y')
    assert.equal(record.password, undefined)
  })

  it('keeps times in UTC, whatever zone is named', async () => {
    const record = await recordOf({}, {}, 'Asia/Tokyo')
    assert.equal(record.createdAt, '2024-03-01T08:15:30.000Z')
  })

  it('says nothing of verification where nothing is confirmed', async () => {
    assert.equal((await recordOf({ confirmed_at: undefined })).emailVerified, undefined)
    assert.equal((await recordOf({ confirmed_at: null })).emailVerified, false)
  })

  it('never takes an address that is not confirmed yet', async () => {
    assert.ok(!JSON.stringify(await recordOf({})).includes('other@example.com'))
  })

  it('skips who was deleted', async () => {
    for (const column of ['deleted_at', 'discarded_at']) {
      const [entry] = await entriesOf(devise, [fileWith({ [column]: '2024-05-05' })])
      assert.deepEqual(entry, { file: 'x.json', line: 1, skipped: 'deleted' })
    }
  })

  it('tells which second factors are not taken', async () => {
    const enabled = { otp_required_for_login: true }
    for (const [changes, reason] of [
      [{ otp_secret: 'JBSWY3DPEHPK3PXP' }, 'second factor: not in force'],
      [{ ...enabled, otp_secret: '{"p":"x","h":{}}' }, 'second factor: encrypted by Rails'],
      [{ ...enabled, encrypted_otp_secret: 'x' }, 'second factor: encrypted by Rails'],
      [{ ...enabled, otp_secret: '!' }, 'second factor: no secret in base32'],
    ] as const) {
      const [entry] = await entriesOf(devise, [fileWith(changes)])
      assert.ok(entry && 'record' in entry)
      assert.deepEqual(entry.dropped, [reason])
      assert.equal(entry.record.totp, undefined)
    }
  })

  it('takes the name at another provider', async () => {
    const { identities } = await recordOf({ provider: 'github', uid: '42' })
    assert.deepEqual(identities, [{ provider: 'github', subject: '42' }])
    assert.equal((await recordOf({ provider: 'email', uid: 'eve@example.com' })).identities, undefined)
  })

  it('takes columns of the application by a map, and enables nobody by it', async () => {
    const map = {
      fields: { phone: 'mobile', disabled: 'is_banned' },
      profile: { city: 'city' },
      attributes: { role: 'role' },
      skip: 'merged_into',
    }
    const read = async (changes: object) => {
      const [entry] = await entriesOf(devise, [fileWith(changes)], { map })
      return entry
    }
    const entry = await read({ mobile: '+447700900121', is_banned: 't', city: 'Oslo', role: 'admin' })
    assert.ok(entry && 'record' in entry)
    assert.deepEqual(
      [entry.record.phone, entry.record.disabled, entry.record.profile, entry.record.attributes],
      ['+447700900121', true, { name: 'Eve', city: 'Oslo' }, { role: 'admin' }],
    )
    assert.equal(entry.record.email, row.email)
    assert.ok('skipped' in ((await read({ merged_into: 3 })) ?? {}))
    const wrong = { map: { fields: { passwordHash: 'encrypted_password' } } }
    await assert.rejects(async () => entriesOf(devise, [fileWith({})], wrong), /the map is not understood/)
  })

  behavesLikeEveryFormat(devise, ['devise-users.csv'])
  takesAnyValue(devise, row, { secrets: { pepper: 'p' } })
})

function fileWith(changes: object) {
  return fileOf('x.json', JSON.stringify([{ ...row, ...changes }]))
}

async function recordOf(changes: object, secrets: Record<string, string> = {}, timeZone?: string) {
  const [entry] = await entriesOf(devise, [fileWith(changes)], { secrets, ...(timeZone && { timeZone }) })
  assert.ok(entry && 'record' in entry)
  return entry.record
}
