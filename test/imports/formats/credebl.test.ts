import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { credebl } from '../../../src/imports/formats/credebl.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'

const table = 'credebl-user.csv'
const realm = 'keycloak-realm.json'
const adaKeycloakId = '00000000-0000-4000-8000-000000000001'
const bjornKeycloakId = '00000000-0000-4000-8000-000000000002'

describe('the format of CREDEBL', () => {
  behavesLikeEveryFormat(credebl, [table, realm])

  it('joins the table user to the users of its Keycloak, in whatever order the files are', async () => {
    for (const files of [
      [table, realm],
      [realm, table],
    ]) {
      const entries = await entriesOf(
        credebl,
        files.map((name) => sampleFile(name)),
      )
      assert.deepEqual(entries, [ada, bjorn, ...others])
    }
  })

  it('calls an address verified where both say so, and Keycloak knows the account', async () => {
    const emailVerified = async (here: string, there: boolean | undefined) => {
      const users = [{ id: 'k', email: 'a@example.com', emailVerified: there }]
      const [entry] = await entriesOf(credebl, [
        row({ isEmailVerified: here, keycloakUserId: 'k' }),
        realmFile(users),
      ])
      assert.ok(entry && 'record' in entry)
      return entry.record.emailVerified
    }
    assert.equal(await emailVerified('t', true), true)
    assert.equal(await emailVerified('t', false), false)
    assert.equal(await emailVerified('f', true), false)
    assert.equal(await emailVerified('t', undefined), false)
    const [alone] = await entriesOf(credebl, [row({ isEmailVerified: 't', keycloakUserId: 'k' })])
    assert.ok(alone && 'record' in alone)
    assert.equal(alone.record.emailVerified, false)
    assert.deepEqual(alone.dropped, ['password: no such user in the realm'])
  })

  it('never gives a row the password of another user of Keycloak who has its address', async () => {
    const credentials = [
      {
        type: 'password',
        hashedSaltedValue: 'aGFzaA==',
        salt: 'c2FsdA==',
        hashIterations: 1,
        algorithm: 'pbkdf2',
      },
    ]
    const users = [{ id: 'another', email: 'a@example.com', credentials }]
    const [entry] = await entriesOf(credebl, [row({ keycloakUserId: 'k' }), realmFile(users)])
    assert.ok(entry && 'record' in entry)
    assert.equal(entry.record.password, undefined)
    assert.deepEqual(entry.record.identities, [{ provider: 'keycloak', subject: 'k' }])
  })

  it('never reads the secrets of the app that the table has', async () => {
    const entries = await entriesOf(credebl, [
      row({ password: 'a secret', clientSecret: 'a secret', verificationCode: 'a secret' }),
    ])
    assert.equal(entries.length, 1)
    assert.doesNotMatch(JSON.stringify(entries), /a secret/)
  })

  it('keeps disabled those whom Keycloak has disabled', async () => {
    const users = [{ id: 'k', enabled: false }]
    const [entry] = await entriesOf(credebl, [row({ keycloakUserId: 'k' }), realmFile(users)])
    assert.ok(entry && 'record' in entry)
    assert.equal(entry.record.disabled, true)
  })

  it('refuses files without the table', async () => {
    await assert.rejects(entriesOf(credebl, [sampleFile(realm)]), UnreadableImport)
    await assert.rejects(
      entriesOf(credebl, [fileOf('x.csv', 'id,email\n1,a@example.com\n')]),
      UnreadableImport,
    )
  })
})

/** The table with one row. */
function row(fields: Record<string, string>) {
  const all: Record<string, string> = { id: 'c', email: 'a@example.com', keycloakUserId: '', ...fields }
  return fileOf('user.csv', `${Object.keys(all).join(',')}\n${Object.values(all).join(',')}\n`)
}

function realmFile(users: object[]) {
  return fileOf('realm.json', JSON.stringify({ realm: 'credebl', users }))
}

function hashOf(secret: object, data: object) {
  const hash = { type: 'password', secretData: JSON.stringify(secret), credentialData: JSON.stringify(data) }
  return { kind: 'keycloak', hash: JSON.stringify(hash) }
}

const ada = {
  file: table,
  line: 2,
  record: {
    source: 'credebl',
    sourceId: '00000000-0000-4000-8000-000000000011',
    id: '00000000-0000-4000-8000-000000000011',
    email: 'ada@example.com',
    emailVerified: true,
    username: 'ada',
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
    totp: [
      { secret: 'OVITOZSLGJYFQ6RZJRWU4NDWIIYHGVDZ', algorithm: 'SHA1', digits: 6, period: 30, name: 'phone' },
    ],
    createdAt: '2024-03-01T08:15:30.000Z',
    profile: { firstName: 'Ada', lastName: 'Lind', publicProfile: true },
    attributes: { realmRoles: ['default-roles-acme'] },
    identities: [{ provider: 'keycloak', subject: adaKeycloakId }],
  },
}

/** Has no id of Keycloak in the table, and is found by the address. */
const bjorn = {
  file: table,
  line: 3,
  record: {
    source: 'credebl',
    sourceId: '00000000-0000-4000-8000-000000000012',
    id: '00000000-0000-4000-8000-000000000012',
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
    createdAt: '2024-03-02T00:00:00.000Z',
    profile: { firstName: 'Björn', lastName: 'Ask', publicProfile: false },
    identities: [{ provider: 'keycloak', subject: bjornKeycloakId }],
  },
}

const others = [
  { file: realm, line: 3, skipped: 'not in the table user' },
  { file: realm, line: 4, skipped: 'not in the table user' },
  { file: realm, line: 5, skipped: 'the account of a service' },
]
