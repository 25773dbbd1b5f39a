import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aspnet } from '../../../src/imports/formats/aspnet.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'
import { takesAnyValue } from './any-row.ts'

const samples = ['aspnet-users.csv', 'aspnet-usertokens.csv']

const row = {
  Id: 'eve-id',
  UserName: 'eve',
  Email: 'eve@example.com',
  EmailConfirmed: true,
  PasswordHash: 'AQAAAAIAAYagAAAAEA==',
  PhoneNumber: null,
  PhoneNumberConfirmed: false,
  TwoFactorEnabled: true,
  LockoutEnd: null,
  LockoutEnabled: true,
}

const membership = {
  UserId: 'eve-id',
  Password: 'Rc/qTzChVd93ZzYuHVn0ZGf8VlQ=',
  PasswordFormat: 1,
  PasswordSalt: 'iAfyFAMrMLwHAY2Pi+0vBg==',
  Email: 'eve@example.com',
  IsApproved: true,
  CreateDate: '2010-03-01 08:15:30.000',
  LastLoginDate: '2011-03-01 08:15:30.000',
}

describe('the format aspnet', () => {
  const [ada, bjorn, chidi] = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`)
  const expected = [
    {
      file: 'aspnet-users.csv',
      line: 2,
      record: {
        source: 'aspnet',
        sourceId: ada,
        id: ada,
        email: 'ada@example.com',
        emailVerified: true,
        username: 'ada',
        phone: '+44 7700 900120',
        phoneVerified: true,
        password: {
          kind: 'aspnet-identity',
          hash: 'AQAAAAIAAYagAAAAEGs8P2bwrXDjBTVwrmv88go45NTDZZpN+FBq0RHw9PK7mE2iTlfkmkpi4AweoneB+w==',
        },
        totp: [{ secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30 }],
        recoveryCodes: ['1a2b3-c4d5e', 'f6a7b-c8d9e'],
      },
    },
    {
      file: 'aspnet-users.csv',
      line: 3,
      record: {
        source: 'aspnet',
        sourceId: bjorn,
        id: bjorn,
        email: 'Bjorn.Ask@example.com',
        emailVerified: false,
        password: {
          kind: 'aspnet-identity',
          hash: 'AFum3jcIgh8KryypGVelajiSs9xA3JV37M3k1Nr5MEZyD3GuMKSotpmpBNgeRP71jg==',
        },
        disabled: true,
      },
    },
    {
      file: 'aspnet-users.csv',
      line: 4,
      record: { source: 'aspnet', sourceId: chidi, id: chidi, username: 'chidi' },
    },
  ]

  it('reads users with their tokens, whichever file comes first', async () => {
    const files = samples.map((name) => sampleFile(name))
    assert.deepEqual(await entriesOf(aspnet, files), expected)
    assert.deepEqual(await entriesOf(aspnet, files.toReversed()), expected)
  })

  it('reads UTF-16 as the tools of SQL Server write it', async () => {
    const files = samples.map((name) =>
      sampleFile(name, (bytes) => [Buffer.from(`\uFEFF${bytes.toString('utf8')}`, 'utf16le')]),
    )
    assert.deepEqual(await entriesOf(aspnet, files), expected)
  })

  it('takes roles by their names, and names at other providers', async () => {
    const { record } = await readTables(
      [row],
      [{ UserId: 'eve-id', RoleId: 'r1' }],
      [{ Id: 'r1', Name: 'Admin', NormalizedName: 'ADMIN' }],
      [{ UserId: 'eve-id', LoginProvider: 'Google', ProviderKey: '42' }],
    )
    assert.deepEqual(record.attributes, { roles: ['Admin'] })
    assert.deepEqual(record.identities, [{ provider: 'google', subject: '42' }])
  })

  it('never takes a key that is not in force', async () => {
    const token = {
      UserId: 'eve-id',
      LoginProvider: '[AspNetUserStore]',
      Name: 'AuthenticatorKey',
      Value: 'JBSWY3DP',
    }
    const { record, dropped } = await readTables([{ ...row, TwoFactorEnabled: false }], [token])
    assert.equal(record.totp, undefined)
    assert.deepEqual(dropped, ['second factor: not in force'])
  })

  it('disables who is locked out for long, and not who has guessed wrong', async () => {
    for (const [LockoutEnd, LockoutEnabled, disabled] of [
      ['9999-12-31T23:59:59Z', true, true],
      ['9999-12-31T23:59:59Z', false, undefined],
      ['2026-01-01T00:05:00Z', true, undefined],
      ['2025-01-01T00:00:00Z', true, undefined],
    ] as const) {
      const { record } = await readTables([{ ...row, LockoutEnd, LockoutEnabled }])
      assert.equal(record.disabled, disabled, String(LockoutEnd))
    }
  })

  it('knows other hashes that applications put in place of its own', async () => {
    const bcrypt = await readTables([{ ...row, PasswordHash: '$2a$12$x' }])
    assert.equal(bcrypt.record.passwordHash, '$2a$12$x')
    const brought = await readTables([{ ...row, PasswordHash: 'aGFzaA==|1|c2FsdA==' }])
    assert.deepEqual(brought.record.password, {
      kind: 'aspnet-membership',
      hash: 'aGFzaA==',
      salt: 'c2FsdA==',
    })
  })

  it('reads the Membership', async () => {
    const user = { UserId: 'eve-id', UserName: 'eve', LoweredUserName: 'eve', IsAnonymous: false }
    const { record } = await readTables([membership], [user])
    assert.deepEqual(record, {
      source: 'aspnet',
      sourceId: 'eve-id',
      id: 'eve-id',
      email: 'eve@example.com',
      username: 'eve',
      password: { kind: 'aspnet-membership', hash: membership.Password, salt: membership.PasswordSalt },
      createdAt: '2010-03-01T08:15:30.000Z',
      lastSignInAt: '2011-03-01T08:15:30.000Z',
    })
    assert.equal((await readTables([{ ...membership, IsApproved: false }])).record.disabled, true)
  })

  it('never takes passwords of the Membership that can be read', async () => {
    for (const PasswordFormat of [0, 2]) {
      const { record, dropped } = await readTables([{ ...membership, PasswordFormat, Password: 'readable' }])
      assert.equal(dropped?.length, 1)
      assert.ok(!JSON.stringify({ record, dropped }).includes('readable'))
    }
  })

  behavesLikeEveryFormat(aspnet, samples)
  takesAnyValue(aspnet, row)
  takesAnyValue(aspnet, membership)
})

async function readTables(...tables: object[][]) {
  const files = tables.map((rows, at) => fileOf(`${at}.json`, JSON.stringify(rows)))
  const [entry, ...more] = await entriesOf(aspnet, files)
  assert.ok(entry && 'record' in entry)
  assert.equal(more.length, 0)
  return entry
}
