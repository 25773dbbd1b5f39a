import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { cognito } from '../../../src/imports/formats/cognito.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'

const list = 'cognito-list-users.json'
const table = 'cognito-users.csv'
const adaSub = '00000000-0000-4000-8000-000000000001'
const bjornSub = '00000000-0000-4000-8000-000000000002'

describe('the format of Amazon Cognito', () => {
  behavesLikeEveryFormat(cognito, [list])
  behavesLikeEveryFormat(cognito, [table])

  it('reads what list-users answers', async () => {
    assert.deepEqual(await entriesOf(cognito, [sampleFile(list)]), [
      {
        file: list,
        line: 1,
        record: {
          source: 'cognito',
          sourceId: adaSub,
          id: adaSub,
          email: 'ada@example.com',
          emailVerified: true,
          username: 'ada',
          createdAt: '2024-03-01T08:15:30.123Z',
          profile: { name: 'Ada Lind' },
          attributes: { plan: 'pro' },
        },
      },
      {
        file: list,
        line: 2,
        record: {
          source: 'cognito',
          sourceId: bjornSub,
          id: bjornSub,
          email: 'Bjorn.Ask@Example.com',
          emailVerified: false,
          disabled: true,
          createdAt: '2024-03-01T08:15:30.123Z',
        },
      },
      { file: list, line: 3, skipped: 'signs in with another provider alone' },
    ])
  })

  it('reads CSV with the columns of the import template', async () => {
    assert.deepEqual(await entriesOf(cognito, [sampleFile(table)]), [
      {
        file: table,
        line: 2,
        record: {
          source: 'cognito',
          sourceId: 'ada',
          email: 'ada@example.com',
          emailVerified: true,
          username: 'ada',
          profile: { name: 'Ada Lind' },
        },
      },
      {
        file: table,
        line: 3,
        record: {
          source: 'cognito',
          sourceId: bjornSub,
          id: bjornSub,
          email: 'Bjorn.Ask@Example.com',
          emailVerified: false,
          phone: '+447700900121',
          phoneVerified: true,
          profile: { name: 'Ask, Björn' },
        },
        dropped: ['second factor: Cognito does not give it out'],
      },
    ])
  })

  it('knows an account by its sub, and a name that was made up by none', async () => {
    const record = await recordOf({
      Username: adaSub,
      Attributes: attributes({ sub: adaSub, preferred_username: 'ada' }),
    })
    assert.deepEqual(record, {
      source: 'cognito',
      sourceId: adaSub,
      id: adaSub,
      username: 'ada',
      profile: { preferred_username: 'ada' },
    })
  })

  it('keeps identities that an account of the pool is linked to', async () => {
    const identities = '[{"userId":"1177","providerName":"Google"},{"userId":7},null]'
    const record = await recordOf({ Username: 'ada', Attributes: attributes({ identities }) })
    assert.deepEqual(record.identities, [{ provider: 'Google', subject: '1177' }])
  })

  it('takes an account that Cognito calls compromised for disabled', async () => {
    assert.equal((await recordOf({ Username: 'a', UserStatus: 'COMPROMISED', Enabled: true })).disabled, true)
    assert.equal(
      (await recordOf({ Username: 'a', UserStatus: 'RESET_REQUIRED', Enabled: true })).disabled,
      undefined,
    )
  })

  it('refuses files that are neither', async () => {
    for (const text of ['name,email\nAda,ada@example.com\n', '{"Groups":[{"GroupName":"a"}]}'])
      await assert.rejects(entriesOf(cognito, [fileOf('x', text)]), UnreadableImport)
  })
})

function attributes(values: Record<string, string>) {
  return Object.entries(values).map(([Name, Value]) => ({ Name, Value }))
}

async function recordOf(user: object) {
  const [entry] = await entriesOf(cognito, [fileOf('x.json', JSON.stringify({ Users: [user] }))])
  assert.ok(entry && 'record' in entry)
  return entry.record
}
