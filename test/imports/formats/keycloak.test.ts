import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { keycloak } from '../../../src/imports/formats/keycloak.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'

const file = 'keycloak-realm.json'

describe('the format of Keycloak', () => {
  behavesLikeEveryFormat(keycloak, [file])

  it('reads the users of a realm', async () => {
    assert.deepEqual(await entriesOf(keycloak, [sampleFile(file)]), [ada, bjorn, chidi, dana, service])
  })

  it('reads users that are spread over files, beside a realm without any', async () => {
    const files = [
      jsonFile('acme-realm.json', { realm: 'acme', clients: [{ id: 'c1', clientId: 'api' }] }),
      jsonFile('acme-users-0.json', { realm: 'acme', users: [{ id: 'u1', username: 'one' }] }),
      jsonFile('acme-users-1.json', { realm: 'acme', users: [{ id: 'u2', username: 'two' }] }),
    ]
    assert.deepEqual(await entriesOf(keycloak, files), [
      { file: 'acme-users-0.json', line: 1, record: recordOf({ sourceId: 'u1', id: 'u1', username: 'one' }) },
      { file: 'acme-users-1.json', line: 1, record: recordOf({ sourceId: 'u2', id: 'u2', username: 'two' }) },
    ])
  })

  it('refuses the export of the admin console, which has no users, and one of several realms', async () => {
    const unreadable = (value: unknown, reason: RegExp) =>
      assert.rejects(
        entriesOf(keycloak, [jsonFile('x.json', value)]),
        (error) => error instanceof UnreadableImport && reason.test(error.message),
      )
    await unreadable({ realm: 'acme', clients: [{ clientId: 'api' }] }, /no file has users/)
    await unreadable(
      [
        { realm: 'acme', users: [{ id: 'u1' }] },
        { realm: 'other', users: [] },
      ],
      /several realms/,
    )
  })

  it('reads passwords as versions before 8 wrote them', async () => {
    const flat = {
      type: 'password',
      hashedSaltedValue: 'aGFzaA==',
      salt: 'c2FsdA==',
      hashIterations: 20000,
      algorithm: 'pbkdf2',
    }
    assert.deepEqual(
      (await userWith([flat])).password,
      hashOf(
        { value: 'aGFzaA==', salt: 'c2FsdA==' },
        { hashIterations: 20000, algorithm: 'pbkdf2', additionalParameters: {} },
      ),
    )
  })

  it('reads parameters under both of their names, as lists or texts', async () => {
    const data = {
      hashIterations: 5,
      algorithm: 'argon2',
      algorithmData: { memory: '7168' },
      additionalParameters: { type: ['id'] },
    }
    const credential = {
      type: 'password',
      secretData: '{"value":"aGFzaA==","salt":"c2FsdA=="}',
      credentialData: JSON.stringify(data),
    }
    const additionalParameters = { memory: ['7168'], type: ['id'] }
    assert.deepEqual(
      (await userWith([credential])).password,
      hashOf(
        { value: 'aGFzaA==', salt: 'c2FsdA==' },
        { hashIterations: 5, algorithm: 'argon2', additionalParameters },
      ),
    )
  })

  it('takes the first of several passwords, and none of the history', async () => {
    const password = (value: string) => ({
      type: 'password',
      secretData: JSON.stringify({ value, salt: 'c2FsdA==' }),
      credentialData: '{"hashIterations":1,"algorithm":"pbkdf2"}',
    })
    const { password: taken, dropped } = await userWith([
      { ...password('b2xk'), type: 'password-history' },
      password('bmV3'),
      password('b3RoZXI='),
    ])
    assert.match(taken?.hash ?? '', /bmV3/)
    assert.deepEqual(dropped, ['password: another one'])
  })

  it('never takes a password in plain text, which files written by hand may have', async () => {
    const user = await userWith([{ type: 'password', value: 'plain text' }])
    assert.equal(user.password, undefined)
    assert.doesNotMatch(JSON.stringify(user), /plain text/)
    assert.deepEqual(user.dropped, ['password: has no hash'])
  })

  it('hands on authenticators of other numbers with them, and says what it leaves', async () => {
    const otp = (data: object) => ({
      type: 'otp',
      secretData: '{"value":"0123456789"}',
      credentialData: JSON.stringify(data),
    })
    const { totp, dropped } = await userWith([
      otp({ subType: 'totp', digits: 8, period: 60, algorithm: 'HmacSHA256' }),
      otp({ subType: 'hotp', digits: 6, counter: 3, algorithm: 'HmacSHA1' }),
      { type: 'totp', value: '0123456789', digits: 6, period: 30, algorithm: 'HmacSHA1' },
      { type: 'recovery-authn-codes', secretData: '{}' },
      { type: 'webauthn', secretData: '{}' },
    ])
    const secret = 'GAYTEMZUGU3DOOBZ'
    assert.deepEqual(totp, [
      { secret, algorithm: 'SHA256', digits: 8, period: 60 },
      { secret, algorithm: 'SHA1', digits: 6, period: 30 },
    ])
    assert.deepEqual(dropped, [
      'totp: counts instead of looking at the clock (HOTP)',
      'recovery codes: hashed by Keycloak',
      'passkey',
    ])
  })

  it('keeps roles, groups and attributes from those whose they are', async () => {
    const [entry] = await entriesOf(keycloak, [
      jsonFile('x.json', {
        users: [
          {
            id: 'u',
            realmRoles: ['admin'],
            clientRoles: { api: ['read'] },
            groups: ['/staff'],
            attributes: { plan: ['pro'], realmRoles: ['root'] },
          },
        ],
      }),
    ])
    assert.ok(entry && 'record' in entry)
    assert.equal(entry.record.profile, undefined)
    assert.deepEqual(entry.record.attributes, {
      attributes: { plan: ['pro'], realmRoles: ['root'] },
      realmRoles: ['admin'],
      clientRoles: { api: ['read'] },
      groups: ['/staff'],
    })
  })
})

/** What becomes of a user with these credentials. */
async function userWith(credentials: object[]) {
  const [entry] = await entriesOf(keycloak, [jsonFile('x.json', { users: [{ id: 'u', credentials }] })])
  assert.ok(entry && 'record' in entry)
  return { ...entry.record, dropped: entry.dropped }
}

function jsonFile(name: string, value: unknown) {
  return fileOf(name, JSON.stringify(value))
}

function recordOf(fields: object) {
  return { source: 'keycloak', ...fields }
}

function hashOf(secret: object, data: object) {
  const hash = { type: 'password', secretData: JSON.stringify(secret), credentialData: JSON.stringify(data) }
  return { kind: 'keycloak', hash: JSON.stringify(hash) }
}

const ada = {
  file,
  line: 1,
  record: recordOf({
    sourceId: '00000000-0000-4000-8000-000000000001',
    id: '00000000-0000-4000-8000-000000000001',
    username: 'ada',
    email: 'ada@example.com',
    emailVerified: true,
    phone: '+447700900120',
    password: hashOf(
      { value: 'JlSCYz4HofjxLdEv8t7jTujWOsFnBfRq+ZMOQpx0+zM=', salt: 'azw/ZvCtcOMFNXCua/zyCg==' },
      {
        hashIterations: 5,
        algorithm: 'argon2',
        additionalParameters: {
          hashLength: ['32'],
          memory: ['7168'],
          type: ['id'],
          version: ['1.3'],
          parallelism: ['1'],
        },
      },
    ),
    // Base32 of the text uQ7fK2pXz9LmN4vB0sTy.
    totp: [
      { secret: 'OVITOZSLGJYFQ6RZJRWU4NDWIIYHGVDZ', algorithm: 'SHA1', digits: 6, period: 30, name: 'phone' },
    ],
    createdAt: '2024-03-01T08:15:30.123Z',
    profile: { firstName: 'Ada', lastName: 'Lind', locale: 'nb' },
    attributes: { realmRoles: ['default-roles-acme'] },
  }),
}

const bjorn = {
  file,
  line: 2,
  record: recordOf({
    sourceId: '00000000-0000-4000-8000-000000000002',
    id: '00000000-0000-4000-8000-000000000002',
    username: 'bjorn.ask@example.com',
    email: 'bjorn.ask@example.com',
    emailVerified: false,
    password: hashOf(
      {
        value: 'BRuHkQw6yOXivW68Gezvi2/YuJY2G+s7xpud5PxbJrxYXLTbGs6zLhqUv9IEzlO0BwuHToGrBwBr9xWbH8yiHQ==',
        salt: 'W6beNwiCHwqvLKkZV6VqOA==',
      },
      { hashIterations: 27500, algorithm: 'pbkdf2-sha256', additionalParameters: {} },
    ),
    totp: [
      { secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30, name: 'phone' },
    ],
    createdAt: '2020-12-29T22:28:50.123Z',
  }),
}

const chidi = {
  file,
  line: 3,
  record: recordOf({
    sourceId: '00000000-0000-4000-8000-000000000003',
    id: '00000000-0000-4000-8000-000000000003',
    username: 'chidi',
    disabled: true,
    createdAt: '2020-12-29T22:28:50.124Z',
  }),
  dropped: ['password: kept by a user federation such as LDAP'],
}

const dana = {
  file,
  line: 4,
  record: recordOf({
    sourceId: '00000000-0000-4000-8000-000000000004',
    id: '00000000-0000-4000-8000-000000000004',
    username: 'dana',
    email: 'dana@example.com',
    emailVerified: true,
    createdAt: '2020-12-29T22:28:50.125Z',
    identities: [{ provider: 'google', subject: '117700000000000000001' }],
  }),
  dropped: ['required action: UPDATE_PASSWORD'],
}

const service = { file, line: 5, skipped: 'the account of a service' }
