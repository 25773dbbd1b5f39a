import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { manydoors } from '../../../src/imports/formats/manydoors.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'
import { takesAnyValue } from './any-row.ts'

const row = {
  source: 'acme',
  sourceId: '7',
  id: '7',
  email: 'eve@example.com',
  emailVerified: true,
  username: 'eve',
  phone: '+447700900120',
  phoneVerified: true,
  passwordHash: '$2b$10$x',
  disabled: false,
  createdAt: '2024-03-01T09:15:30+01:00',
  lastSignInAt: '2024-03-01T08:15:30Z',
  knownAddresses: ['198.51.100.7', '2001:db8::7'],
  profile: { name: 'Eve' },
  attributes: { roles: ['editor'] },
  totp: [{ secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30, name: 'phone' }],
  recoveryCodes: ['aaaa-bbbb'],
  identities: [{ provider: 'google', subject: '42' }],
  sessions: [{ refreshHash: `sha256:${'0'.repeat(64)}`, client: 'web', expiresAt: '2024-06-01T00:00:00Z' }],
}

describe('the neutral form', () => {
  it('is read as it is', async () => {
    const file = 'manydoors-import.ndjson'
    const [ada, bjorn, chidi, ...more] = await entriesOf(manydoors, [sampleFile(file)])
    assert.deepEqual(ada, {
      file,
      line: 1,
      record: {
        source: 'acme',
        sourceId: '1',
        email: 'Ada@example.com',
        emailVerified: true,
        username: 'ada',
        phone: '+447700900120',
        phoneVerified: true,
        passwordHash: '$2b$10$MPZGTTn1NRxADQ/4JnC3zOG3jqjNrDIbQDBUuc44.5FfuR.i16GwO',
        profile: { name: 'Ada Lind' },
        createdAt: '2024-03-01T08:15:30.123Z',
        totp: [{ secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30 }],
        recoveryCodes: ['aaaa-bbbb'],
      },
    })
    assert.deepEqual(bjorn, {
      file,
      line: 2,
      record: {
        source: 'acme',
        sourceId: '2',
        email: 'bjorn.ask@example.com',
        emailVerified: false,
        disabled: true,
        password: {
          kind: 'digest',
          hash: '390959b862db27184082148617ffdd9b76d0c801',
          algorithm: 'sha1',
          format: '{salt}{password}',
          encoding: 'hex',
          salt: 'NaCl',
        },
      },
    })
    assert.deepEqual(chidi, {
      file,
      line: 3,
      record: { source: 'acme', sourceId: '3', username: 'chidi', passwordPending: 'wolfpal' },
    })
    assert.deepEqual(more, [])
  })

  it('keeps every field, and turns times into UTC', async () => {
    const times = { createdAt: '2024-03-01T08:15:30.000Z', lastSignInAt: '2024-03-01T08:15:30.000Z' }
    const sessions = [{ ...row.sessions[0], expiresAt: '2024-06-01T00:00:00.000Z' }]
    assert.deepEqual(await read(row), {
      file: 'x.ndjson',
      line: 1,
      record: { ...row, ...times, sessions },
    })
  })

  it('passes over null and empty texts, and names fields that it does not have', async () => {
    const entry = await read({ ...row, phone: null, username: '', nickname: 'Evie', 'eve@example.com': 1 })
    assert.ok('record' in entry)
    assert.equal('username' in entry.record, false)
    assert.equal('phone' in entry.record, false)
    assert.deepEqual(entry.dropped, ['nickname: no field of the neutral form', 'a field that is not known'])
  })

  it('refuses a field of another form by its name, and never by what is in it', async () => {
    const wrong = {
      source: 'Hush hush',
      sourceId: 7,
      email: { hush: 1 },
      emailVerified: 'hush',
      password: { kind: 'hush' },
      passwordPending: 'Hush!',
      createdAt: 'hush',
      lastSignInAt: '2024-03-01T08:15:30',
      profile: ['hush'],
      totp: [{ secret: 'hush!' }],
      recoveryCodes: 'hush',
      identities: [{ provider: 'hush' }],
      sessions: [{ refreshHash: 'hush', expiresAt: 'hush' }],
    }
    for (const [name, value] of Object.entries(wrong)) {
      const entry = await read({ ...row, passwordHash: undefined, [name]: value })
      assert.ok('refused' in entry, name)
      assert.match(entry.refused, new RegExp(`^${name}\\b`))
      assert.doesNotMatch(entry.refused, /hush/i)
    }
  })

  it('refuses two passwords, and an account without a name in the old system', async () => {
    for (const changes of [{ password: { kind: 'digest', hash: 'x' } }, { source: null }, { sourceId: '' }])
      assert.ok('refused' in (await read({ ...row, ...changes })))
  })

  it('takes the name of the system from outside for lines without one', async () => {
    const line = JSON.stringify({ ...row, source: undefined })
    const [entry] = await entriesOf(manydoors, [fileOf('x.ndjson', line)], { source: 'other' })
    assert.ok(entry && 'record' in entry)
    assert.equal(entry.record.source, 'other')
  })

  it('takes nobody for verified where that is asked for', async () => {
    const [entry] = await entriesOf(manydoors, [fileOf('x', JSON.stringify(row))], { verified: 'none' })
    assert.ok(entry && 'record' in entry)
    assert.equal(entry.record.emailVerified, undefined)
    assert.equal(entry.record.phoneVerified, undefined)
  })

  it('refuses a line that is no JSON by its own', async () => {
    const text = `${JSON.stringify(row)}\nnot JSON\n${JSON.stringify(row)}\n`
    const entries = await entriesOf(manydoors, [fileOf('x.ndjson', text)])
    assert.deepEqual(
      entries.map((entry) => 'record' in entry),
      [true, false, true],
    )
  })

  behavesLikeEveryFormat(manydoors, ['manydoors-import.ndjson'])
  takesAnyValue(manydoors, row)
})

async function read(line: object) {
  const [entry] = await entriesOf(manydoors, [fileOf('x.ndjson', JSON.stringify(line))])
  assert.ok(entry)
  return entry
}
