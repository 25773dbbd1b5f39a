import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { kratos } from '../../../src/imports/formats/kratos.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'

const file = 'kratos-identities.json'

describe('the format of Ory Kratos', () => {
  behavesLikeEveryFormat(kratos, [file])

  it('reads identities with their credentials', async () => {
    assert.deepEqual(await entriesOf(kratos, [sampleFile(file)]), [ada, bjorn, chidi, dana])
  })

  it('reads them one a line too', async () => {
    const lines = fileOf(
      'x.ndjson',
      '{"id":"i1","traits":{"username":"one"}}\nno JSON\n{"id":"i2","traits":{"username":"two"}}\n',
    )
    assert.deepEqual(await entriesOf(kratos, [lines]), [
      { file: 'x.ndjson', line: 1, record: { source: 'kratos', sourceId: 'i1', id: 'i1', username: 'one' } },
      { file: 'x.ndjson', line: 2, refused: 'no JSON' },
      { file: 'x.ndjson', line: 3, record: { source: 'kratos', sourceId: 'i2', id: 'i2', username: 'two' } },
    ])
  })

  it('finds names where the map says that they are', async () => {
    const traits = {
      contact: { mails: ['One@example.com'], mobile: '+47 22 22 22 22' },
      nick: 'one',
      color: 'red',
    }
    const verifiable_addresses = [
      { value: 'one@example.com', via: 'email', verified: true },
      { value: '+4722222222', via: 'sms', verified: true },
    ]
    const map = { email: 'traits.contact.mails', phone: 'traits.contact.mobile', username: 'traits.nick' }
    const record = await recordOf({ id: 'i', traits, verifiable_addresses }, { map })
    assert.deepEqual(record, {
      source: 'kratos',
      sourceId: 'i',
      id: 'i',
      email: 'One@example.com',
      emailVerified: true,
      phone: '+47 22 22 22 22',
      phoneVerified: true,
      username: 'one',
      profile: { contact: traits.contact, color: 'red' },
    })
  })

  it('refuses a map that says anything else', async () => {
    for (const map of [{ mail: 'traits.mail' }, { email: 3 }, { email: '' }])
      await assert.rejects(entriesOf(kratos, [sampleFile(file)], { map }), UnreadableImport)
  })

  it('takes an address from those that are verified where the traits have none', async () => {
    const verifiable_addresses = [
      { value: 'old@example.com', via: 'email', verified: false },
      { value: 'new@example.com', via: 'email', verified: true },
    ]
    const { email, emailVerified } = await recordOf({ id: 'i', traits: {}, verifiable_addresses })
    assert.deepEqual({ email, emailVerified }, { email: 'new@example.com', emailVerified: true })
  })

  it('takes no address for verified because another one is', async () => {
    const verifiable_addresses = [
      { value: 'mine@example.com', via: 'email', verified: true },
      { value: 'yours@example.com', via: 'email', verified: false },
      { value: 'yours@example.com', via: 'sms', verified: true },
    ]
    const { email, emailVerified } = await recordOf({
      id: 'i',
      traits: { email: 'yours@example.com' },
      verifiable_addresses,
    })
    assert.deepEqual({ email, emailVerified }, { email: 'yours@example.com', emailVerified: false })
  })

  it('hands on each form of hash so that no other one is meant', async () => {
    const hashed = async (hashed_password: string) => {
      const { passwordHash, password } = await recordOf({
        id: 'i',
        credentials: { password: { config: { hashed_password } } },
      })
      return password ?? passwordHash
    }
    for (const text of [
      '$2a$10$x',
      '$argon2id$v=19$m=1,t=1,p=1$a$b',
      '{SSHA}eA==',
      '$sha256$pf=eA==$c2FsdA==$eA==',
      '$md5-crypt$a$b',
    ])
      assert.equal(await hashed(text), text)
    const scrypt = '$scrypt$ln=16384,r=8,p=1$c2FsdA==$aGFzaA=='
    assert.deepEqual(await hashed(scrypt), { kind: 'scrypt-kratos', hash: scrypt })
  })

  it('says what an export without credentials lacks, and keeps those who are linked', async () => {
    const credentials = {
      password: { type: 'password', identifiers: ['one', 'one@example.com'] },
      totp: { type: 'totp', identifiers: ['i'] },
      oidc: { type: 'oidc', identifiers: ['google:117:7'] },
      webauthn: { type: 'webauthn', identifiers: ['i'] },
    }
    const [entry] = await entriesOf(kratos, [fileOf('x.json', JSON.stringify([{ id: 'i', credentials }]))])
    assert.deepEqual(entry, {
      file: 'x.json',
      line: 1,
      record: {
        source: 'kratos',
        sourceId: 'i',
        id: 'i',
        username: 'one',
        identities: [{ provider: 'google', subject: '117:7' }],
      },
      dropped: [
        'password: not in the export: ask for it with include_credential=password',
        'totp: not in the export: ask for it with include_credential=totp',
        'passkey',
      ],
    })
  })

  it('keeps the numbers of an authenticator, and drops an address of one that cannot be read', async () => {
    const totp = async (totp_url: string) => {
      const credentials = { totp: { config: { totp_url } } }
      const [entry] = await entriesOf(kratos, [fileOf('x.json', JSON.stringify([{ id: 'i', credentials }]))])
      assert.ok(entry && 'record' in entry)
      return [entry.record.totp, entry.dropped]
    }
    const secret = 'JBSWY3DPEHPK3PXP'
    assert.deepEqual(await totp(`otpauth://totp/a:b?secret=${secret}&algorithm=SHA256&digits=8&period=60`), [
      [{ secret, algorithm: 'SHA256', digits: 8, period: 60 }],
      undefined,
    ])
    for (const url of [
      'otpauth://hotp/a:b?secret=JBSWY3DPEHPK3PXP&counter=1',
      'https://example.com',
      'otpauth://totp/a',
    ])
      assert.deepEqual(await totp(url), [undefined, ['totp: cannot be read']])
  })
})

async function recordOf(identity: object, options = {}) {
  const [entry] = await entriesOf(kratos, [fileOf('x.json', JSON.stringify([identity]))], options)
  assert.ok(entry && 'record' in entry)
  return entry.record
}

const ada = {
  file,
  line: 1,
  record: {
    source: 'kratos',
    sourceId: '00000000-0000-4000-8000-000000000001',
    id: '00000000-0000-4000-8000-000000000001',
    email: 'Ada@example.com',
    emailVerified: true,
    passwordHash: '$2a$12$dhLsqRELzQMfFnNKwRSw6OfEgtAxtp1JahhoJdBswzZu8jT9p8bNq',
    totp: [{ secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30 }],
    // The other one was used.
    recoveryCodes: ['bbbb2222'],
    createdAt: '2024-03-01T08:15:30.123Z',
    profile: { name: { first: 'Ada', last: 'Lind' } },
    attributes: { metadataPublic: { lang: 'nb' } },
  },
}

const bjorn = {
  file,
  line: 2,
  record: {
    source: 'kratos',
    sourceId: '00000000-0000-4000-8000-000000000002',
    id: '00000000-0000-4000-8000-000000000002',
    email: 'bjorn.ask@example.com',
    emailVerified: false,
    phone: '+447700900121',
    phoneVerified: true,
    password: {
      kind: 'scrypt-kratos',
      hash: '$scrypt$ln=16384,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA==$7t6yAP1UO4QjVLq1sv6DqgAJ5ezSUp3S8ARnupmAAPQ=',
    },
    createdAt: '2024-03-02T00:00:00.000Z',
  },
}

const chidi = {
  file,
  line: 3,
  record: {
    source: 'kratos',
    sourceId: '00000000-0000-4000-8000-000000000003',
    id: '00000000-0000-4000-8000-000000000003',
    email: 'chidi@example.com',
    emailVerified: true,
    disabled: true,
    createdAt: '2024-03-03T00:00:00.000Z',
  },
  dropped: ['password: known to the migration hook alone'],
}

const dana = {
  file,
  line: 4,
  record: {
    source: 'kratos',
    sourceId: '00000000-0000-4000-8000-000000000004',
    id: '00000000-0000-4000-8000-000000000004',
    email: 'dana@example.com',
    emailVerified: false,
    createdAt: '2024-03-04T00:00:00.000Z',
    identities: [{ provider: 'google', subject: '117700000000000000001' }],
  },
}
