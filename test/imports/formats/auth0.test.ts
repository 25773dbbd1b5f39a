import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { ImportEntry } from '../../../src/core/imports/neutral.ts'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { auth0 } from '../../../src/imports/formats/auth0.ts'
import { cutAt, entriesOf, fileOf, sampleFile, samplesFolder } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'

const ids = {
  ada: 'auth0|65e1c0ffee0000000000a001',
  bjorn: 'auth0|65e1c0ffee0000000000a002',
  adaAtGoogle: 'google-oauth2|117700000000000000001',
  dana: 'auth0|legacy-id-4',
}

const people = [
  {
    record: {
      source: 'auth0',
      sourceId: ids.ada,
      id: ids.ada,
      email: 'ada@example.com',
      emailVerified: true,
      passwordHash: '$2b$10$VMZdCI1hzk/PHDqJsh7o/OZMV2eRZaM0LsYlQVPpypP39J7VJcAne',
      createdAt: '2024-03-01T08:15:30.123Z',
      lastSignInAt: '2024-06-01T00:00:00.000Z',
      profile: {
        name: 'Ada Lind',
        given_name: 'Ada',
        family_name: 'Lind',
        nickname: 'ada',
        user_metadata: { lang: 'nb' },
      },
      attributes: { plan: 'pro' },
    },
  },
  {
    record: {
      source: 'auth0',
      sourceId: ids.bjorn,
      id: ids.bjorn,
      email: 'Bjorn.Ask@Example.com',
      emailVerified: false,
      username: 'bjorn',
      passwordHash: '$2b$10$EyS7IosJuqr7Rycyue7eaud/EvqzageV1kx.vBcCjvPjzJP0CUUnC',
      createdAt: '2024-03-02T00:00:00.000Z',
      profile: { name: 'Björn Ask' },
    },
  },
  {
    record: {
      source: 'auth0',
      sourceId: ids.adaAtGoogle,
      id: ids.adaAtGoogle,
      email: 'ada@example.com',
      emailVerified: true,
      createdAt: '2024-03-05T00:00:00.000Z',
      profile: { name: 'Ada Lind' },
      identities: [{ provider: 'google', subject: '117700000000000000001' }],
    },
  },
  {
    record: {
      source: 'auth0',
      sourceId: ids.dana,
      id: ids.dana,
      email: 'dana@example.com',
      emailVerified: true,
      phone: '+447700900124',
      phoneVerified: true,
      passwordHash: '$2b$10$fDHY9ug6ul9kt3tAyOtTfe739M08GbtOa.VDPwdldAtD2VFJrVbS.',
      disabled: true,
      createdAt: '2024-01-01T00:00:00.000Z',
    },
  },
]

function contentsOf(entries: ImportEntry[]): object[] {
  return entries.map(({ file: _, line: __, ...content }) => content)
}

function bytesOf(name: string): Buffer {
  return readFileSync(join(samplesFolder, name))
}

async function userOf(user: object) {
  const [entry] = await entriesOf(auth0, [fileOf('users.ndjson', JSON.stringify(user))])
  assert.ok(entry && 'record' in entry)
  return entry
}

describe('what Auth0 exports', () => {
  it('becomes the same accounts in every order of the files, packed or not, however they are cut', async () => {
    const users = bytesOf('auth0-users.ndjson')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(10_000), { maxLength: 10 }),
        fc.boolean(),
        fc.boolean(),
        async (places, isPacked, isReversed) => {
          const files = [
            fileOf('a', isPacked ? gzipSync(users) : users, cutAt(places)),
            sampleFile('auth0-passwords.ndjson', cutAt(places)),
          ]
          const entries = await entriesOf(auth0, isReversed ? files.reverse() : files)
          assert.deepEqual(contentsOf(entries), people)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('may be CSV, with the fields of metadata one by one', async () => {
    const text =
      'user_id,email,email_verified,created_at,blocked,user_metadata.lang,app_metadata.plan\n' +
      '"auth0|65e1c0ffee0000000000a001","ada@example.com","true","2024-03-01T08:15:30.123Z","","nb",""\n'
    const entries = await entriesOf(auth0, [fileOf('users.csv', text), sampleFile('auth0-passwords.ndjson')])
    assert.deepEqual(contentsOf(entries)[0], {
      record: {
        source: 'auth0',
        sourceId: ids.ada,
        id: ids.ada,
        email: 'ada@example.com',
        emailVerified: true,
        passwordHash: '$2b$10$VMZdCI1hzk/PHDqJsh7o/OZMV2eRZaM0LsYlQVPpypP39J7VJcAne',
        createdAt: '2024-03-01T08:15:30.123Z',
        profile: { user_metadata: { lang: 'nb' } },
      },
    })
  })

  it('tells of the hashes whose user is in no file, and gives them to nobody', async () => {
    const [ada = ''] = bytesOf('auth0-users.ndjson').toString().split('\n')
    const entries = await entriesOf(auth0, [
      fileOf('users.ndjson', ada),
      sampleFile('auth0-passwords.ndjson'),
    ])
    const skipped = 'a password hash whose user is in no file'
    assert.deepEqual(entries.slice(1), [
      { file: 'auth0-passwords.ndjson', line: 2, skipped },
      { file: 'auth0-passwords.ndjson', line: 3, skipped },
    ])
  })

  it('may be the hashes alone, which have an address each', async () => {
    const entries = await entriesOf(auth0, [sampleFile('auth0-passwords.ndjson')])
    assert.deepEqual(contentsOf(entries)[2], {
      record: {
        source: 'auth0',
        sourceId: ids.dana,
        id: ids.dana,
        email: 'dana@example.com',
        emailVerified: true,
        passwordHash: '$2b$10$fDHY9ug6ul9kt3tAyOtTfe739M08GbtOa.VDPwdldAtD2VFJrVbS.',
      },
    })
  })

  it('joins hashes by whole ids, whatever the case of the field names', async () => {
    const hash = '$2b$10$VMZdCI1hzk/PHDqJsh7o/OZMV2eRZaM0LsYlQVPpypP39J7VJcAne'
    const passwords = [
      { _ID: 'a1', passwordhash: hash },
      { _id: { $oid: 'A1' }, passwordHash: 'other' },
    ]
    const users = [{ user_id: 'auth0|a1' }, { user_id: 'auth0|a' }, { user_id: 'google-oauth2|a1' }]
    const entries = await entriesOf(auth0, [
      fileOf('users.json', JSON.stringify(users)),
      fileOf('passwords.ndjson', passwords.map((password) => JSON.stringify(password)).join('\n')),
    ])
    const found = entries.flatMap((entry) => ('record' in entry ? [entry.record.passwordHash] : []))
    assert.deepEqual(found, [hash, undefined, undefined])
  })

  it('loses only the lines that cannot be read', async () => {
    const lines = bytesOf('auth0-users.ndjson').toString().split('\n')
    const entries = await entriesOf(auth0, [
      fileOf('users', [lines[0], '{"user_id":', '{}', lines[1]].join('\n')),
    ])
    assert.deepEqual(entries.slice(1, 3), [
      { file: 'users', line: 2, refused: 'no JSON' },
      { file: 'users', line: 3, refused: 'no user_id' },
    ])
    assert.equal(entries.length, 4)
  })

  for (const name of ['firebase-hash-config.txt', 'supabase-dump.sql', 'django-dumpdata.json']) {
    it(`is told from other files: ${name}`, async () => {
      await assert.rejects(entriesOf(auth0, [sampleFile(name)]), UnreadableImport)
    })
  }
})

describe('a user of Auth0', () => {
  it('has the hash of the database user that is linked to it, and its providers', async () => {
    const user = {
      user_id: 'google-oauth2|117700000000000000001',
      identities: [
        { provider: 'google-oauth2', user_id: '117700000000000000001' },
        { provider: 'auth0', user_id: 'legacy-id-4' },
        { provider: 'github', user_id: 42 },
      ],
    }
    const files = [fileOf('users.ndjson', JSON.stringify(user)), sampleFile('auth0-passwords.ndjson')]
    const [entry] = await entriesOf(auth0, files)
    assert.ok(entry && 'record' in entry)
    assert.equal(entry.record.passwordHash, '$2b$10$fDHY9ug6ul9kt3tAyOtTfe739M08GbtOa.VDPwdldAtD2VFJrVbS.')
    assert.deepEqual(entry.record.identities, [
      { provider: 'google', subject: '117700000000000000001' },
      { provider: 'github', subject: '42' },
    ])
  })

  it('has the provider that its id names where identities are not exported', async () => {
    const { record } = await userOf({ user_id: 'samlp|acme|fay@example.com' })
    assert.deepEqual(record.identities, [{ provider: 'samlp', subject: 'acme|fay@example.com' }])
  })

  it('is not called by the e-mail address', async () => {
    const { record } = await userOf({ user_id: 'auth0|1', email: 'fay@example.com', name: 'fay@example.com' })
    assert.equal(record.profile, undefined)
  })

  it('tells second factors as dropped, of which an export says only that there are some', async () => {
    const { record, dropped } = await userOf({ user_id: 'auth0|1', multifactor: ['guardian'] })
    assert.equal(record.totp, undefined)
    assert.deepEqual(dropped, ['second factor: not in the export'])
  })
})

describe('a file that is made for the import of Auth0', () => {
  it('becomes accounts with hashes of every kind that it may have', async () => {
    const digest = { encoding: 'hex', kind: 'digest' }
    assert.deepEqual(contentsOf(await entriesOf(auth0, [sampleFile('auth0-import.json')])), [
      {
        record: {
          source: 'auth0',
          sourceId: 'auth0|a001',
          id: 'auth0|a001',
          email: 'ada@example.com',
          emailVerified: true,
          passwordHash: '$2b$10$1zEjVigjIOFedqdGn5bP5uldp5ZRaT21OMkoqzF3DiCzlwbQv09.G',
          totp: [{ secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30 }],
        },
        dropped: ['second factor: phone'],
      },
      {
        record: {
          source: 'auth0',
          sourceId: 'bjorn.ask@example.com',
          email: 'bjorn.ask@example.com',
          emailVerified: false,
          password: {
            ...digest,
            hash: 'f9be1c1676c2a1d19c18ceb38b17e31c634d606ca65f6e60c63abf918fe695c4',
            algorithm: 'sha256',
            format: '{salt}{password}',
            salt: 'pepper-',
            saltEncoding: 'utf8',
          },
        },
      },
      {
        record: {
          source: 'auth0',
          sourceId: 'chidi@example.com',
          email: 'chidi@example.com',
          emailVerified: true,
          passwordHash:
            '$pbkdf2-sha256$i=20000,l=32$c2FsdHNhbHQxMjM0NTY3OA$McPS18JvwfCJAeHGGV443uIgkB7cJDM2z//lTx/Lus8',
        },
      },
      {
        record: {
          source: 'auth0',
          sourceId: 'eve@example.com',
          email: 'eve@example.com',
          emailVerified: true,
          password: {
            kind: 'hmac',
            hash: '859e3fa2f5e6edc347fa05d89c5347750e0cf683c309c5a49efb3789181817f4',
            encoding: 'hex',
            algorithm: 'sha256',
            format: '{password}',
            key: 'the-key',
            keyEncoding: 'utf8',
          },
        },
      },
    ])
  })

  const hashed = (custom_password_hash: object) => userOf({ email: 'fay@example.com', custom_password_hash })

  it('keeps every blank of a salt, and on which side of the password it stands', async () => {
    const { record } = await hashed({
      algorithm: 'md5',
      hash: { value: 'KPKWXqqBhhEWyzm25qdSAA==', encoding: 'base64' },
      salt: { value: ' salt ', position: 'suffix' },
    })
    assert.deepEqual(record.password, {
      kind: 'digest',
      algorithm: 'md5',
      hash: 'KPKWXqqBhhEWyzm25qdSAA==',
      encoding: 'base64',
      format: '{password}{salt}',
      salt: ' salt ',
      saltEncoding: 'utf8',
    })
  })

  it('has scrypt with its parameters apart, which are put together', async () => {
    const { record } = await hashed({
      algorithm: 'scrypt',
      hash: { value: '0001ff', encoding: 'hex' },
      salt: { value: 'c2FsdA==', encoding: 'base64' },
      cost: 32_768,
      blockSize: 8,
      parallelization: 2,
    })
    assert.equal(record.passwordHash, '$scrypt$ln=15,r=8,p=2$c2FsdA$AAH/')
  })

  const unusable = {
    'password hash: damaged': { algorithm: 'md5', hash: {} },
    'password hash: of passwords that are not in UTF-8': {
      algorithm: 'md5',
      hash: { value: '00', encoding: 'hex' },
      password: { encoding: 'utf16le' },
    },
    'password hash: of an unknown kind': { algorithm: 'rot13', hash: { value: 'x' } },
  }
  for (const [reason, custom] of Object.entries(unusable)) {
    it(`loses a hash for a reason: ${reason}`, async () => {
      const { record, dropped } = await hashed(custom)
      assert.equal(record.passwordHash, undefined)
      assert.equal(record.password, undefined)
      assert.deepEqual(dropped, [reason])
    })
  }
})

describe('the files auth0-users.ndjson, auth0-passwords.ndjson', () => {
  behavesLikeEveryFormat(auth0, ['auth0-users.ndjson', 'auth0-passwords.ndjson'])
})

describe('the files auth0-import.json', () => {
  behavesLikeEveryFormat(auth0, ['auth0-import.json'])
})
