import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ImportEntry } from '../../../src/core/imports/neutral.ts'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { firebase } from '../../../src/imports/formats/firebase.ts'
import { cutAt, entriesOf, fileOf, sampleFile, samplesFolder } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'

const hashParameters = readFileSync(join(samplesFolder, 'firebase-hash-config.txt'), 'utf8')

const parameters = {
  kind: 'firebase-scrypt',
  signerKey: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
  saltSeparator: 'Bw==',
  rounds: 8,
  memCost: 14,
}

const people = [
  {
    record: {
      source: 'firebase',
      sourceId: 'AdaUid0000000000000000000001',
      id: 'AdaUid0000000000000000000001',
      email: 'ada@example.com',
      emailVerified: true,
      password: {
        ...parameters,
        hash: 'ETOn6+ySLO8uRWrRv1/iHZF4qRXs2GwNs7YAIuRczvRGHfLwxraUvsNl9VKcW/3v/IvQiYlraXS1PI2Go4SgUg==',
        salt: 'c2FsdC1hZGEtMQ==',
      },
      createdAt: '2024-03-01T08:15:30.123Z',
      lastSignInAt: '2024-06-01T00:00:00.000Z',
      profile: { name: 'Ada Lind', picture: 'https://example.com/ada.png' },
    },
  },
  {
    record: {
      source: 'firebase',
      sourceId: 'BjornUid00000000000000000002',
      id: 'BjornUid00000000000000000002',
      email: 'bjorn.ask@example.com',
      emailVerified: false,
      password: {
        ...parameters,
        hash: 'Z5Is58KkCrkuLR836Q3wPT9di6rJsq58cokwyJcwX3z+BZhZSX+AneNQ9YvCrvC8eqCJtL9vf4Bkk4xGrfprGA==',
        salt: '+//+LWV2ZTU=',
      },
      disabled: true,
      createdAt: '2024-03-01T08:15:30.124Z',
      profile: { name: 'Ask, Björn' },
      attributes: { role: 'editor', n: 1 },
      identities: [{ provider: 'google', subject: '117700000000000000002' }],
    },
  },
  {
    record: {
      source: 'firebase',
      sourceId: 'ChidiUid00000000000000000003',
      id: 'ChidiUid00000000000000000003',
      phone: '+447700900123',
      phoneVerified: true,
      createdAt: '2024-03-01T08:15:30.125Z',
      lastSignInAt: '2024-06-01T00:00:00.001Z',
    },
  },
  { skipped: 'anonymous: no e-mail address, phone number or provider' },
]

function contentsOf(entries: ImportEntry[]): object[] {
  return entries.map(({ file: _, line: __, ...content }) => content)
}

async function userOf(fields: object, options: object = { hashParameters }) {
  const text = JSON.stringify({ users: [{ localId: 'a', email: 'fay@example.com', ...fields }] })
  const [entry] = await entriesOf(firebase, [fileOf('users.json', text)], options)
  assert.ok(entry && 'record' in entry)
  return entry
}

describe('what Firebase exports', () => {
  for (const name of ['firebase-users.json', 'firebase-users.csv']) {
    it(`becomes the same accounts, however it is cut: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(10_000), { maxLength: 10 }), async (places) => {
          const files = [sampleFile(name, cutAt(places))]
          assert.deepEqual(contentsOf(await entriesOf(firebase, files, { hashParameters })), people)
        }),
        { numRuns: 10 },
      )
    })
  }

  it('has no hashes without the parameters of the project, and says so', async () => {
    const [ada, , chidi] = await entriesOf(firebase, [sampleFile('firebase-users.json')])
    assert.ok(ada && 'record' in ada && chidi && 'record' in chidi)
    assert.equal(ada.record.password, undefined)
    assert.deepEqual(ada.dropped, ['password hash: without the hash parameters of the project'])
    assert.equal(chidi.dropped, undefined)
  })

  it('is read though quotes within a name are not doubled', async () => {
    const [line = ''] = readFileSync(join(samplesFolder, 'firebase-users.csv'), 'utf8').split('\n')
    const text = `${line.replace('Ada Lind', '"Lind, "Ada" or A"')}\n${line.replace('Ada Lind', '"Lind, "Ada, or" A"')}\n${line}\n`
    const [first, second, third] = await entriesOf(firebase, [fileOf('users.csv', text)])
    assert.ok(first && 'record' in first)
    assert.equal(first.record.profile?.name, 'Lind, "Ada" or A')
    // Where the name ends cannot be told: nobody gets the fields of another column.
    assert.deepEqual(second, { file: 'users.csv', line: 2, refused: '30 fields for 28 columns' })
    assert.ok(third && 'record' in third)
  })

  for (const name of ['supabase-users.csv', 'supabase-dump.sql', 'firebase-hash-config.txt']) {
    it(`is told from other files: ${name}`, async () => {
      await assert.rejects(entriesOf(firebase, [sampleFile(name)]), UnreadableImport)
    })
  }
})

describe('a user of Firebase', () => {
  it('may have hash and salt in base64url, with the field names of the Admin SDK', async () => {
    const fields = { passwordHash: '-_8', passwordSalt: '_-8', uid: 'b', localId: undefined }
    const { record } = await userOf(fields)
    assert.equal(record.sourceId, 'b')
    assert.deepEqual(record.password, { ...parameters, hash: '-_8', salt: '_-8' })
  })

  it('has no hash where the export was made without the right to see it', async () => {
    const { record, dropped } = await userOf({ passwordHash: 'UkVEQUNURUQ=', salt: 'AAAA' })
    assert.equal(record.password, undefined)
    assert.match(dropped?.[0] ?? '', /redacted/)
  })

  for (const fields of [{ passwordHash: '***', salt: 'AAAA' }, { passwordHash: 'AAAA' }]) {
    it(`has no hash where it is damaged: ${JSON.stringify(fields)}`, async () => {
      const { record, dropped } = await userOf(fields)
      assert.equal(record.password, undefined)
      assert.deepEqual(dropped, ['password hash: damaged'])
    })
  }

  it('has only identities of providers', async () => {
    const providerUserInfo = [
      { providerId: 'password', rawId: 'fay@example.com' },
      { providerId: 'phone', rawId: '+447700900123' },
      { providerId: 'github.com', rawId: '42' },
      { providerId: 'oidc.acme', rawId: 'x' },
      { providerId: 'google.com' },
    ]
    const { record } = await userOf({ providerUserInfo })
    assert.deepEqual(record.identities, [
      { provider: 'github', subject: '42' },
      { provider: 'oidc.acme', subject: 'x' },
    ])
  })

  it('tells second factors as dropped', async () => {
    const { dropped } = await userOf({ mfaInfo: [{ phoneInfo: '+447700900123' }] })
    assert.deepEqual(dropped, ['second factor: not in a form that can be taken'])
  })
})

describe('the hash parameters of a Firebase project', () => {
  const whole = {
    algorithm: 'SCRYPT',
    base64_signer_key: parameters.signerKey,
    base64_salt_separator: parameters.saltSeparator,
    rounds: 8,
    mem_cost: 14,
  }

  it('may be JSON', async () => {
    const options = { hashParameters: JSON.stringify(whole) }
    const { record } = await userOf({ passwordHash: 'AAAA', salt: 'AAAA' }, options)
    assert.deepEqual(record.password, { ...parameters, hash: 'AAAA', salt: 'AAAA' })
  })

  const broken = {
    'without signer key': { ...whole, base64_signer_key: undefined },
    'with a signer key that is none': { ...whole, base64_signer_key: 's*cret' },
    'without rounds': { ...whole, rounds: undefined },
    'with a memory cost that is no number': { ...whole, mem_cost: 'much' },
    'of another algorithm': { ...whole, algorithm: 'STANDARD_SCRYPT' },
  }
  for (const [what, content] of Object.entries(broken)) {
    it(`are refused ${what}, in words that quote none of them`, async () => {
      const options = { hashParameters: JSON.stringify(content) }
      await assert.rejects(userOf({}, options), (error) => {
        assert.ok(error instanceof UnreadableImport)
        assert.match(error.message, /^the hash parameters /)
        assert.doesNotMatch(error.message, /jxsp|s\*cret|much/)
        return true
      })
    })
  }
})

describe('the files firebase-users.json', () => {
  behavesLikeEveryFormat(firebase, ['firebase-users.json'])
})
