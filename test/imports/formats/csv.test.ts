import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FormatOptions, type ImportFile, UnreadableImport } from '../../../src/imports/format.ts'
import { csv } from '../../../src/imports/formats/csv.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'
import { takesAnyValue } from './any-row.ts'

const map = {
  source: 'acme',
  fields: {
    sourceId: 'id',
    id: 'id',
    email: 'mail',
    emailVerified: { column: 'state', true: ['confirmed', 'Active'] },
    username: 'login',
    phone: 'mobile',
    phoneVerified: 'mobile_ok',
    disabled: { column: 'state', true: ['banned'] },
    createdAt: 'created',
    lastSignInAt: 'seen',
    knownAddresses: { column: 'ips', separator: ' ' },
    recoveryCodes: { column: 'codes', separator: ';' },
  },
  profile: { name: 'full_name' },
  attributes: { plan: 'plan.name', level: 'level' },
  totp: { secret: 'otp_key', encoding: 'hex' },
  identities: { google: 'google_id' },
  password: {
    kind: 'digest',
    columns: { hash: 'pass', salt: 'pass_salt' },
    constants: { algorithm: 'sha1', format: '{salt}{password}', encoding: 'hex' },
  },
  skip: 'deleted_at',
}

const row = {
  id: '7',
  mail: 'eve@example.com',
  state: 'active',
  login: 'eve',
  mobile: '+447700900120',
  mobile_ok: '2024-03-01 08:15:30',
  created: '1709280930',
  seen: '2024-03-01T09:15:30+01:00',
  codes: 'aaaa;bbbb',
  ips: '198.51.100.7 nowhere 2001:db8::7/128',
  full_name: 'Eve, "E"',
  plan: '{"name":"gold"}',
  level: '3',
  otp_key: '48656c6c6f21deadbeef',
  google_id: '42',
  pass: '390959b862db27184082148617ffdd9b76d0c801',
  pass_salt: 'NaCl',
  deleted_at: '',
}

const record = {
  source: 'acme',
  sourceId: '7',
  id: '7',
  email: 'eve@example.com',
  emailVerified: true,
  username: 'eve',
  phone: '+447700900120',
  phoneVerified: true,
  password: {
    kind: 'digest',
    hash: '390959b862db27184082148617ffdd9b76d0c801',
    algorithm: 'sha1',
    format: '{salt}{password}',
    encoding: 'hex',
    salt: 'NaCl',
  },
  disabled: false,
  createdAt: '2024-03-01T08:15:30.000Z',
  lastSignInAt: '2024-03-01T08:15:30.000Z',
  profile: { name: 'Eve, "E"' },
  attributes: { plan: 'gold', level: '3' },
  totp: [{ secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30 }],
  knownAddresses: ['198.51.100.7', '2001:db8::7'],
  recoveryCodes: ['aaaa', 'bbbb'],
  identities: [{ provider: 'google', subject: '42' }],
}

describe('the format csv', () => {
  it('reads a table by a map of its columns, with and without header, and JSON', async () => {
    const header = Object.keys(row)
    const cells = Object.values(row).map((cell) => `"${cell.replaceAll('"', '""')}"`)
    const columns = { ...map, columns: header, delimiter: ';' }
    for (const [text, used] of [
      [`${header.join(',')}\n${cells.join(',')}\n`, map],
      [`${cells.join(';')}\n`, columns],
      [JSON.stringify(row), map],
      [JSON.stringify([{ ...row, id: 7, plan: { name: 'gold' } }]), map],
    ] as const) {
      const [entry, ...more] = await entriesOf(csv, [fileOf('x', text)], { map: used })
      assert.ok(entry && 'record' in entry)
      assert.deepEqual(entry.record, record)
      assert.deepEqual(more, [])
    }
  })

  it('adds secrets that stand in no file', async () => {
    const { record } = await read({}, { secrets: { pepper: 'p', key: 'k' } })
    assert.deepEqual([record.password?.pepper, record.password?.key], ['p', 'k'])
  })

  it('makes no password of a hash that is not there', async () => {
    assert.equal((await read({ pass: 'NULL' })).record.password, undefined)
  })

  it('takes truth in all its forms, and tells what is none', async () => {
    for (const yes of [true, 1, 'T', 'yes', '2024-03-01'])
      assert.equal((await read({ mobile_ok: yes })).record.phoneVerified, true, String(yes))
    for (const no of [false, 0, 'F', '', null, 'NULL', '0000-00-00'])
      assert.equal((await read({ mobile_ok: no })).record.phoneVerified, false, String(no))
    const { record, dropped } = await read({ mobile_ok: 'perhaps' })
    assert.equal(record.phoneVerified, false)
    assert.deepEqual(dropped, ['mobile_ok: neither true nor false'])
  })

  it('skips rows that are marked, and no others', async () => {
    const skipped = async (deleted_at: unknown) => {
      const file = fileOf('x.json', JSON.stringify([{ ...row, deleted_at }]))
      const [entry] = await entriesOf(csv, [file], { map })
      return entry && 'skipped' in entry
    }
    for (const there of ['2024-05-05', true, 1]) assert.equal(await skipped(there), true, String(there))
    for (const not of ['', 'NULL', false, 0, 'f', null]) assert.equal(await skipped(not), false, String(not))
  })

  it('tells times and secrets that it cannot read, and never what stands there', async () => {
    const entry = await read({ created: 'hush', otp_key: 'hush' })
    assert.deepEqual(entry.dropped, ['created: no time', 'second factor: no secret in hex'])
    assert.equal(entry.record.createdAt, undefined)
    assert.equal(entry.record.totp, undefined)
  })

  it('refuses a map that it does not understand, and says why', async () => {
    for (const [wrong, words] of [
      [undefined, /--map/],
      [{}, /fields/],
      [{ fields: { email: 'mail' } }, /sourceId/],
      [{ fields: { sourceId: 'id', emial: 'mail' } }, /emial/],
      [{ ...map, fields: { ...map.fields, passwordHash: 'pass' } }, /both/],
    ] as const)
      await assert.rejects(
        async () => entriesOf(csv, [fileOf('x', JSON.stringify(row))], wrong && { map: wrong }),
        (error) => error instanceof UnreadableImport && words.test(error.message),
      )
  })

  const ofSample = { fields: { sourceId: 'id', email: 'email', passwordHash: 'password' } }
  const mapped = {
    ...csv,
    read: (files: ImportFile[], options: FormatOptions) => csv.read(files, { ...options, map: ofSample }),
  }
  behavesLikeEveryFormat(mapped, ['laravel-users.csv'])
  takesAnyValue(csv, row, { map })

  it('calls the system csv when nobody says otherwise', async () => {
    const [entry] = await entriesOf(csv, [sampleFile('laravel-users.csv')], { map: ofSample })
    assert.ok(entry && 'record' in entry)
    assert.equal(entry.record.source, 'csv')
  })
})

async function read(changes: object, options: Partial<FormatOptions> = {}) {
  const file = fileOf('x.json', JSON.stringify([{ ...row, ...changes }]))
  const [entry] = await entriesOf(csv, [file], { map, ...options })
  assert.ok(entry && 'record' in entry)
  return entry
}
