import assert from 'node:assert/strict'
import { createCipheriv, createHash, hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ImportEntry } from '../../../src/core/imports/neutral.ts'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { supabase } from '../../../src/imports/formats/supabase.ts'
import { cutAt, entriesOf, fileOf, importTime, sampleFile, samplesFolder } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'

const id = (number: number) => `00000000-0000-4000-8000-00000000000${number}`
const createdAt = '2024-03-01T08:15:30.123Z'
const byEmail = { provider: 'email', providers: ['email'] }

/** What the samples say of each person, in their order. */
const people = [
  {
    record: {
      source: 'supabase',
      sourceId: id(1),
      id: id(1),
      email: 'ada@example.com',
      emailVerified: true,
      passwordHash: '$2a$10$Ivr2LV12iEuRqarKrH4e8e0H9JPEkAX89S.cU96LyrTmjKeNwvUce',
      createdAt,
      profile: { name: 'Ada Lind' },
      attributes: byEmail,
      totp: [
        {
          secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
          algorithm: 'SHA1',
          digits: 6,
          period: 30,
          name: 'phone',
        },
      ],
    },
  },
  {
    record: {
      source: 'supabase',
      sourceId: id(2),
      id: id(2),
      email: 'bjorn.ask@example.com',
      emailVerified: false,
      passwordHash:
        '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$h1ul1hzBBglw6UdZcpn7DDURlLBira9s/Rf3a/AL4tM',
      createdAt,
      profile: { name: 'Björn "Bo" Ask, jr.\nline two' },
      attributes: byEmail,
    },
  },
  {
    record: {
      source: 'supabase',
      sourceId: id(3),
      id: id(3),
      phone: '+447700900123',
      phoneVerified: true,
      passwordHash: '$2a$10$WEYPYFRrLSZr6Ej1L19KV.l0fNp27sLKwEj5ht742EUO5t/Vwsk7i',
      createdAt,
      attributes: { provider: 'phone', providers: ['phone'] },
    },
  },
  {
    record: {
      source: 'supabase',
      sourceId: id(4),
      id: id(4),
      email: 'dana@example.com',
      emailVerified: true,
      passwordHash: '$2a$10$W955jydLOQtg7.j22SRgZORlMR8bOuQDQuX41JrVIxhGGRyvsnDFu',
      disabled: true,
      disabledUntil: '2999-12-31T23:59:59.000Z',
      createdAt,
      profile: { full_name: 'Dana Ek' },
      attributes: { provider: 'email', providers: ['email', 'google'], role: 'editor' },
      identities: [{ provider: 'google', subject: '117700000000000000001' }],
    },
  },
  {
    record: {
      source: 'supabase',
      sourceId: id(5),
      id: id(5),
      email: 'eve@example.com',
      emailVerified: true,
      passwordHash:
        '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$+//+LWV2ZTU=$Tm63qtuI29btKy9Em6BXbOc5P8ePmRraZydjFxfbUorYRiML4yERjRXhzyXoe5Kt/YnckHS7UG6AbnoVydHUnQ==',
      createdAt,
      attributes: byEmail,
    },
  },
  { skipped: 'anonymous' },
  { skipped: 'deleted' },
]

/** Without where they stand. */
function contentsOf(entries: ImportEntry[]): object[] {
  return entries.map(({ file: _, line: __, ...content }) => content)
}

const sides = ['supabase-identities.csv', 'supabase-mfa_factors.csv']

/** A user as JSON, in a file of its own. */
async function userOf(fields: object, options = {}) {
  const user = {
    id: id(9),
    email: 'fay@example.com',
    encrypted_password: null,
    aud: 'authenticated',
    ...fields,
  }
  const [entry] = await entriesOf(supabase, [fileOf('users.json', JSON.stringify([user]))], options)
  assert.ok(entry)
  return entry
}

describe('what Supabase Auth exports', () => {
  const shapes = {
    'CSV, with the other tables after it': ['supabase-users.csv', ...sides],
    'CSV, with the other tables before it': [...sides, 'supabase-users.csv'],
    JSON: ['supabase-users.json', ...sides],
    'SQL of pg_dump': ['supabase-dump.sql'],
  }
  for (const [shape, names] of Object.entries(shapes)) {
    it(`becomes the same accounts from ${shape}, however the files are called and cut`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(10_000), { maxLength: 10 }), async (places) => {
          const files = names.map((name) => ({ ...sampleFile(name, cutAt(places)), name: 'export' }))
          assert.deepEqual(contentsOf(await entriesOf(supabase, files)), people)
        }),
        { numRuns: 10 },
      )
    })
  }

  it('has the addresses that its sessions began from, the latest first', async () => {
    const session = (day: number, ip: string | null, userId = id(5)) =>
      `s${day},${userId},2024-03-0${day} 00:00:00+00,${ip ?? ''},`
    const rows = [
      session(1, '198.51.100.1'),
      session(3, '198.51.100.3/32'),
      session(2, null),
      session(4, '::7'),
    ]
    const sessions = ['id,user_id,created_at,ip,refreshed_at', ...rows, session(5, '198.51.100.5', id(1))]
    const files = [sampleFile('supabase-users.csv'), fileOf('sessions.csv', sessions.join('\n'))]
    const records = (await entriesOf(supabase, files)).flatMap((entry) =>
      'record' in entry ? [entry.record] : [],
    )
    const known = (sourceId: string) => records.find((record) => record.sourceId === sourceId)?.knownAddresses
    assert.deepEqual(known(id(5)), ['::7', '198.51.100.3', '198.51.100.1'])
    assert.deepEqual(known(id(1)), ['198.51.100.5'])
    assert.equal(known(id(4)), undefined)
  })

  it('has the hashes of refresh tokens that are not revoked, and no token', async () => {
    const rows = [
      `1,tokenofada123,${id(1)},f,,`,
      `2,replacedone1,${id(1)},t,,`,
      `3,tokenofeve123,${id(5)},f,tokenofeve000,`,
    ]
    const tokens = ['id,token,user_id,revoked,parent,session_id', ...rows].join('\n')
    const files = [sampleFile('supabase-users.csv'), fileOf('refresh_tokens.csv', tokens)]
    const entries = await entriesOf(supabase, files)
    const sessionsOf = (sourceId: string) =>
      entries.flatMap((entry) =>
        'record' in entry && entry.record.sourceId === sourceId ? (entry.record.sessions ?? []) : [],
      )
    const hash = createHash('sha256').update('tokenofada123').digest('hex')
    const expiresAt = new Date(importTime + 90 * 86_400_000).toISOString()
    assert.deepEqual(sessionsOf(id(1)), [{ refreshHash: `sha256:${hash}`, expiresAt }])
    assert.equal(sessionsOf(id(5)).length, 1)
    assert.deepEqual(sessionsOf(id(4)), [])
    assert.doesNotMatch(JSON.stringify(entries), /tokenof|replacedone/)
  })

  it('tells where each entry begins', async () => {
    const entries = await entriesOf(supabase, [sampleFile('supabase-users.csv')])
    assert.deepEqual(
      entries.map(({ file, line }) => `${file}:${line}`),
      [2, 3, 4, 5, 6, 7, 8].map((line) => `supabase-users.csv:${line}`),
    )
  })

  it('has nothing verified where that is not to be kept, and the source that is asked for', async () => {
    const options = { verified: 'none', source: 'acme' } as const
    for (const entry of await entriesOf(supabase, [sampleFile('supabase-dump.sql')], options)) {
      if (!('record' in entry)) continue
      assert.equal(entry.record.source, 'acme')
      assert.equal(entry.record.emailVerified, undefined)
      assert.equal(entry.record.phoneVerified, undefined)
    }
  })

  it('is refused without users', async () => {
    await assert.rejects(
      entriesOf(
        supabase,
        sides.map((name) => sampleFile(name)),
      ),
      UnreadableImport,
    )
    await assert.rejects(entriesOf(supabase, [sampleFile('pocketbase-users.json')]), UnreadableImport)
  })
})

describe('a user of Supabase Auth', () => {
  const bans: [until: string | null, disabled: true | undefined][] = [
    [null, undefined],
    [new Date(importTime - 1).toISOString(), undefined],
    [new Date(importTime + 1).toISOString(), true],
    ['infinity', true],
  ]
  for (const [until, disabled] of bans) {
    it(`is ${disabled ? '' : 'not '}disabled when banned until ${until}`, async () => {
      const entry = await userOf({ banned_until: until })
      assert.ok('record' in entry)
      assert.equal(entry.record.disabled, disabled)
      const end = disabled && until !== 'infinity' ? until : undefined
      assert.equal(entry.record.disabledUntil, end)
    })
  }

  it('is not verified by `confirmed_at`, which may be that of the phone', async () => {
    const entry = await userOf({ confirmed_at: '2024-03-01 08:20:00+00', email_confirmed_at: null })
    assert.ok('record' in entry)
    assert.equal(entry.record.emailVerified, false)
  })

  it('brings no claim of its own into the profile', async () => {
    const entry = await userOf({ raw_user_meta_data: { email_verified: true, phone_verified: true, a: 1 } })
    assert.ok('record' in entry)
    assert.deepEqual(entry.record.profile, { a: 1 })
  })

  it('keeps what the application must decide apart from the profile', async () => {
    const fields = { is_super_admin: true, role: 'editor', raw_app_meta_data: { plan: 'pro' } }
    const entry = await userOf(fields)
    assert.ok('record' in entry)
    assert.deepEqual(entry.record.attributes, { plan: 'pro' })
    assert.deepEqual(entry.dropped, [
      'is_super_admin: nothing asks for it here',
      'role: another than authenticated',
    ])
    assert.equal(entry.record.profile, undefined)
  })

  const left = {
    deleted: { deleted_at: '2024-05-05 00:00:00+00' },
    anonymous: { is_anonymous: 't' },
    'of another audience': { aud: 'service' },
    'signs in by single sign-on': { is_sso_user: true },
  }
  for (const [skipped, fields] of Object.entries(left)) {
    it(`is left out when it is ${skipped}`, async () => {
      assert.deepEqual(await userOf(fields), { file: 'users.json', line: 1, skipped })
    })
  }

  it('is refused without id', async () => {
    assert.deepEqual(await userOf({ id: null }), { file: 'users.json', line: 1, refused: 'no id' })
  })
})

describe('a password hash that Supabase keeps encrypted', () => {
  const key = Buffer.alloc(32, 7)
  const hash = '$2a$10$Ivr2LV12iEuRqarKrH4e8e0H9JPEkAX89S.cU96LyrTmjKeNwvUce'
  const seal = (rowId: string) => {
    const nonce = Buffer.alloc(12, 1)
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(hkdfSync('sha256', key, '', rowId, 32)), nonce)
    const data = Buffer.concat([cipher.update(hash), cipher.final(), cipher.getAuthTag()])
    const sealed = {
      key_id: 'k',
      alg: 'aes-gcm-hkdf',
      data: data.toString('base64'),
      nonce: nonce.toString('base64'),
    }
    return JSON.stringify(sealed)
  }
  const secrets = { ENCRYPTION_KEY: key.toString('base64url') }

  it('is read with the key of the project', async () => {
    const entry = await userOf({ encrypted_password: seal(id(9)) }, { secrets })
    assert.ok('record' in entry)
    assert.equal(entry.record.passwordHash, hash)
    assert.equal(entry.dropped, undefined)
  })

  const unreadable = {
    'without the key': { sealed: seal(id(9)), secrets: {} },
    'with another key': {
      sealed: seal(id(9)),
      secrets: { ENCRYPTION_KEY: Buffer.alloc(32).toString('base64url') },
    },
    'with a damaged key': { sealed: seal(id(9)), secrets: { ENCRYPTION_KEY: 'short' } },
    'when it was moved from another row': { sealed: seal(id(8)), secrets },
    'when it is cut off': {
      sealed: '{"key_id":"k","alg":"aes-gcm-hkdf","data":"AAAA","nonce":"AAAA"}',
      secrets,
    },
  }
  for (const [when, { sealed, secrets }] of Object.entries(unreadable)) {
    it(`is dropped ${when}, and the account kept`, async () => {
      const entry = await userOf({ encrypted_password: sealed }, { secrets })
      assert.ok('record' in entry)
      assert.equal(entry.record.passwordHash, undefined)
      assert.deepEqual(entry.dropped, ['password hash: encrypted'])
    })
  }
})

describe('a second factor of Supabase Auth', () => {
  const header = 'id,user_id,friendly_name,factor_type,status,secret'
  const entryWith = async (factor: string) => {
    const files = [
      fileOf('factors.csv', `${header}\n${factor}\n`),
      fileOf('users.csv', readFileSync(join(samplesFolder, 'supabase-users.csv'))),
    ]
    const [entry] = await entriesOf(supabase, files)
    assert.ok(entry && 'record' in entry)
    return entry
  }

  for (const kind of ['phone', 'webauthn']) {
    it(`is told as dropped when it is of the kind ${kind}`, async () => {
      const entry = await entryWith(`${id(1)},${id(1)},,${kind},verified,`)
      assert.equal(entry.record.totp, undefined)
      assert.deepEqual(entry.dropped, [`second factor: ${kind}`])
    })
  }

  it('is told as dropped when its secret is none', async () => {
    const entry = await entryWith(`${id(1)},${id(1)},,totp,verified,not-base-32!`)
    assert.equal(entry.record.totp, undefined)
    assert.deepEqual(entry.dropped, ['totp: damaged'])
  })

  it('is each that is verified, under its name', async () => {
    const [mine, secret] = [`${id(1)},${id(1)}`, 'JBSWY3DPEHPK3PXP']
    const entry = await entryWith(
      [
        `${mine},phone,totp,verified,${secret}`,
        `${mine},,totp,verified,${secret}QQQQQQQQ`,
        `${mine},old phone,totp,unverified,${secret}`,
        `${id(2)},${id(2)},laptop,totp,verified,${secret}`,
        `${mine},laptop,totp,verified,GEZDGNBVGY3TQOJQ`,
      ].join('\n'),
    )
    assert.deepEqual(
      entry.record.totp?.map((totp) => [totp.name, totp.secret]),
      [
        ['phone', secret],
        [undefined, `${secret}QQQQQQQQ`],
        ['laptop', 'GEZDGNBVGY3TQOJQ'],
      ],
    )
    assert.equal(entry.dropped, undefined)
  })

  it('does not count before it is verified', async () => {
    const entry = await entryWith(`${id(1)},${id(1)},,totp,unverified,JBSWY3DPEHPK3PXP`)
    assert.equal(entry.record.totp, undefined)
    assert.equal(entry.dropped, undefined)
  })
})

describe('the files supabase-users.csv, supabase-identities.csv, supabase-mfa_factors.csv', () => {
  behavesLikeEveryFormat(supabase, [
    'supabase-users.csv',
    'supabase-identities.csv',
    'supabase-mfa_factors.csv',
  ])
})

describe('the files supabase-users.json', () => {
  behavesLikeEveryFormat(supabase, ['supabase-users.json'])
})
