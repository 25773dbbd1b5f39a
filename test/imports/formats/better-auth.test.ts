import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { betterAuth } from '../../../src/imports/formats/better-auth.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'

const file = 'better-auth.json'

describe('the format of better-auth', () => {
  behavesLikeEveryFormat(betterAuth, [file])

  it('reads users with their passwords and identities from other tables', async () => {
    assert.deepEqual(await entriesOf(betterAuth, [sampleFile(file)]), [ada, bjorn, chidi])
  })

  it('joins tables in files of their own, whatever their order and the case of their columns', async () => {
    const files = [
      fileOf(
        'user.csv',
        'id,email,email_verified,created_at,phone_number\nu1,one@example.com,t,2024-03-01 08:15:30+00,+447700900123\n',
      ),
      fileOf(
        'account.csv',
        'id,account_id,provider_id,user_id,password\na1,u1,credential,u1,00:11\na2,gh-7,github,u1,\n',
      ),
    ]
    assert.deepEqual(await entriesOf(betterAuth, files), [
      {
        file: 'user.csv',
        line: 2,
        record: {
          source: 'better-auth',
          sourceId: 'u1',
          id: 'u1',
          email: 'one@example.com',
          emailVerified: true,
          phone: '+447700900123',
          password: { kind: 'better-auth-scrypt', hash: '00:11' },
          createdAt: '2024-03-01T08:15:30.000Z',
          identities: [{ provider: 'github', subject: 'gh-7' }],
        },
      },
    ])
  })

  it('lets a ban that is over be over, and one without end last', async () => {
    const isDisabled = async (banned: unknown, banExpires?: unknown) => {
      const user = [{ id: 'u', email: 'u@example.com', emailVerified: false, banned, banExpires }]
      const [entry] = await entriesOf(betterAuth, [fileOf('x.json', JSON.stringify({ user }))])
      assert.ok(entry && 'record' in entry)
      return entry.record.disabled
    }
    assert.equal(await isDisabled(true), true)
    assert.equal(await isDisabled(1, null), true)
    assert.equal(await isDisabled(true, '2030-01-01T00:00:00Z'), true)
    assert.equal(await isDisabled(true, '2020-01-01T00:00:00Z'), undefined)
    assert.equal(await isDisabled(true, 1577836800), undefined)
    assert.equal(await isDisabled(false, '2030-01-01T00:00:00Z'), undefined)
  })

  it('passes over sessions and codes, which a copy of the whole database has too', async () => {
    const tables = {
      session: [{ id: 's', token: 'a secret', userId: 'u', expiresAt: '2030-01-01T00:00:00Z' }],
      verification: [{ id: 'v', identifier: 'u', value: 'a secret', expiresAt: '2030-01-01T00:00:00Z' }],
      user: [{ id: 'u', email: 'u@example.com', emailVerified: false }],
    }
    const entries = await entriesOf(betterAuth, [fileOf('x.json', JSON.stringify(tables))])
    assert.equal(entries.length, 1)
    assert.doesNotMatch(JSON.stringify(entries), /a secret/)
  })

  it('reads of sessions the addresses that they began from, the latest first', async () => {
    const session = (day: number, ipAddress: unknown) => ({
      id: `s${day}`,
      token: 'a secret',
      userId: 'u',
      ipAddress,
      createdAt: `2024-03-0${day}T00:00:00Z`,
      expiresAt: '2030-01-01T00:00:00Z',
    })
    const tables = {
      user: [{ id: 'u', email: 'u@example.com', emailVerified: false }],
      session: [
        session(1, '198.51.100.1'),
        session(3, '198.51.100.3'),
        session(2, '198.51.100.1'),
        session(4, ''),
      ],
    }
    const [entry] = await entriesOf(betterAuth, [fileOf('x.json', JSON.stringify(tables))])
    assert.ok(entry && 'record' in entry)
    assert.deepEqual(entry.record.knownAddresses, ['198.51.100.3', '198.51.100.1'])
  })

  it('refuses files without users', async () => {
    const account = [{ id: 'a', userId: 'u', accountId: 'u', providerId: 'credential', password: '00:11' }]
    await assert.rejects(
      entriesOf(betterAuth, [fileOf('x.json', JSON.stringify({ account }))]),
      UnreadableImport,
    )
  })
})

const ada = {
  file,
  line: 1,
  record: {
    source: 'better-auth',
    sourceId: 'uAda000000000000000000000000001',
    id: 'uAda000000000000000000000000001',
    email: 'ada@example.com',
    emailVerified: true,
    createdAt: '2024-03-01T08:15:30.123Z',
    profile: { name: 'Ada Lind' },
    password: {
      kind: 'better-auth-scrypt',
      hash: 'c4ca4238a0b923820dcc509a6f75849b:c7131d5c7574e74c8a58e548ffd134a79db2b4d01fde329ecb687c6a24f2a56230d65060893cadc52decec4d4b111e927ec7d0c4c5e7b07ed343629df6879318',
    },
    identities: [{ provider: 'google', subject: '117700000000000000001' }],
  },
  dropped: ['second factor: sealed with BETTER_AUTH_SECRET'],
}

const bjorn = {
  file,
  line: 2,
  record: {
    source: 'better-auth',
    sourceId: 'uBjorn',
    id: 'uBjorn',
    email: 'bjorn.ask@example.com',
    emailVerified: false,
    disabled: true,
    createdAt: '2024-03-01T08:15:30.000Z',
    profile: { name: 'Björn Ask' },
    attributes: { banReason: 'spam' },
    passwordHash: '$2b$10$/EyJl/zuyxc017pDe3BiVe0C.7oK3ttgArnRvEzaID2b028hlNr5O',
  },
}

const chidi = { file, line: 3, skipped: 'anonymous' }
