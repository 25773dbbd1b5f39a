import assert from 'node:assert/strict'
import { createCipheriv, createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import type { FormatOptions } from '../../../src/imports/format.ts'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { laravel } from '../../../src/imports/formats/laravel.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'
import { takesAnyValue } from './any-row.ts'

const appKey = Buffer.alloc(32, 7)
const APP_KEY = `base64:${appKey.toString('base64')}`
const codes = ['aaaaaaaaaa-bbbbbbbbbb', 'cccccccccc-dddddddddd']

const row = {
  id: 7,
  name: 'Eve',
  email: 'eve@example.com',
  email_verified_at: null,
  username: 'eve',
  phone: '+447700900120',
  password: '$2y$12$x',
  two_factor_secret: encrypt(serialized('JBSWY3DPEHPK3PXP')),
  two_factor_recovery_codes: encrypt(serialized(JSON.stringify(codes))),
  two_factor_confirmed_at: '2024-03-02 00:00:00',
  remember_token: 'remember',
  created_at: '2024-07-01 08:15:30',
  deleted_at: null,
}

/** What Laravel's Encrypter writes. */
function encrypt(text: string, key = appKey): string {
  const iv = Buffer.alloc(16, 1)
  const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv)
  const value = cipher.update(text, 'utf8', 'base64') + cipher.final('base64')
  const mac = createHmac('sha256', key)
    .update(iv.toString('base64') + value)
    .digest('hex')
  return payload({ iv: iv.toString('base64'), value, mac, tag: '' })
}

/** The same with its cipher AES-GCM. */
function encryptGcm(text: string): string {
  const iv = Buffer.alloc(12, 1)
  const cipher = createCipheriv('aes-256-gcm', appKey, iv)
  const value = cipher.update(text, 'utf8', 'base64') + cipher.final('base64')
  return payload({ iv: iv.toString('base64'), value, mac: '', tag: cipher.getAuthTag().toString('base64') })
}

function payload(parts: object): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64')
}

/** PHP's `serialize` of a text. */
function serialized(text: string): string {
  return `s:${Buffer.byteLength(text)}:"${text}";`
}

describe('the format laravel', () => {
  it('reads the table users', async () => {
    const file = 'laravel-users.csv'
    assert.deepEqual(await entriesOf(laravel, [sampleFile(file)]), [
      {
        file,
        line: 2,
        record: {
          source: 'laravel',
          sourceId: '1',
          id: '1',
          email: 'ada@example.com',
          emailVerified: true,
          passwordHash: '$2y$12$XIG0ivQXEAz58h4aAe3Hi.7MIdBs52DgUW2x7bkgtpqoz1XcXPJBW',
          createdAt: '2024-03-01T08:15:30.000Z',
          profile: { name: 'Ada Lind' },
        },
      },
      {
        file,
        line: 3,
        record: {
          source: 'laravel',
          sourceId: '2',
          id: '2',
          email: 'BJORN.ASK@EXAMPLE.COM',
          emailVerified: false,
          passwordHash:
            '$argon2id$v=19$m=65536,t=4,p=1$c2FsdHNhbHRzYWx0c2FsdA$5ehygxWBCrzIl4zA1FC4utiH4Nj+P7RG+FR/A6CtokQ',
          createdAt: '2024-03-02T00:00:00.000Z',
          profile: { name: 'Björn "Bo" Ask' },
        },
        dropped: ['second factor: encrypted, and APP_KEY was not given'],
      },
      { file, line: 4, skipped: 'deleted' },
    ])
  })

  it('reads times in the zone of the application', async () => {
    const { record } = await readRow({}, { timeZone: 'Europe/Oslo' })
    assert.equal(record.createdAt, '2024-07-01T06:15:30.000Z')
  })

  it('decrypts second factors, by whichever of the keys and ciphers they were encrypted', async () => {
    const former = Buffer.alloc(16, 9)
    const secret = 'JBSWY3DPEHPK3PXP'
    for (const [APP_KEYS, two_factor_secret] of [
      [APP_KEY, encrypt(serialized(secret))],
      [APP_KEY, encryptGcm(serialized(secret))],
      [APP_KEY, encrypt(secret)],
      [`${APP_KEY},base64:${former.toString('base64')}`, encrypt(serialized(secret), former)],
    ] as const) {
      const { record, dropped } = await readRow({ two_factor_secret }, { secrets: { APP_KEY: APP_KEYS } })
      assert.deepEqual(record.totp, [{ secret, algorithm: 'SHA1', digits: 6, period: 30 }])
      assert.deepEqual(record.recoveryCodes, codes)
      assert.equal(dropped, undefined)
    }
  })

  it('never takes a second factor that was not confirmed, or that was tampered with', async () => {
    const { iv, value, tag } = JSON.parse(Buffer.from(row.two_factor_secret, 'base64').toString())
    const forged = payload({ iv, value, mac: '0'.repeat(64), tag })
    for (const [changes, reason] of [
      [{ two_factor_confirmed_at: null }, 'second factor: never confirmed'],
      [{ two_factor_secret: forged }, 'second factor: encrypted under another APP_KEY'],
      [
        { two_factor_secret: encrypt('x', Buffer.alloc(32, 8)) },
        'second factor: encrypted under another APP_KEY',
      ],
      [{ two_factor_secret: encrypt(serialized('no secret!')) }, 'second factor: no secret in base32'],
    ] as const) {
      const { record, dropped } = await readRow(changes, { secrets: { APP_KEY } })
      assert.deepEqual([record.totp, record.recoveryCodes], [undefined, undefined])
      assert.deepEqual(dropped, [reason])
    }
  })

  it('takes second factors of the time before there was confirmation', async () => {
    const { record } = await readRow({ two_factor_confirmed_at: undefined }, { secrets: { APP_KEY } })
    assert.equal(record.totp?.length, 1)
  })

  it('refuses a key that is none, without a word of it', async () => {
    await assert.rejects(
      async () => entriesOf(laravel, [sampleFile('laravel-users.csv')], { secrets: { APP_KEY: 'hush' } }),
      (error) => error instanceof UnreadableImport && !error.message.includes('hush'),
    )
  })

  behavesLikeEveryFormat(laravel, ['laravel-users.csv'])
  takesAnyValue(laravel, row, { secrets: { APP_KEY } })
})

async function readRow(changes: object, options: Partial<FormatOptions>) {
  const file = fileOf('x.json', JSON.stringify([{ ...row, ...changes }]))
  const [entry] = await entriesOf(laravel, [file], options)
  assert.ok(entry && 'record' in entry)
  return entry
}
