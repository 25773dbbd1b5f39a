import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { pocketbase } from '../../../src/imports/formats/pocketbase.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'
import { takesAnyValue } from './any-row.ts'

const row = {
  id: 'ada000000000001',
  email: 'ada@example.com',
  username: 'ada',
  verified: 1,
  password: '$2a$10$x',
  passwordHash: '',
  created: '2024-03-01 08:15:30.123Z',
  name: 'Ada',
  avatar: 'ada.png',
  tokenKey: 'token-key',
}

describe('the format pocketbase', () => {
  it('reads both forms of the table', async () => {
    const ada = 'ada000000000001'
    const bjorn = 'bjorn0000000002'
    const chidi = 'chidi0000000003'
    const file = 'pocketbase-users.json'
    assert.deepEqual(await entriesOf(pocketbase, [sampleFile(file)]), [
      {
        file,
        line: 1,
        record: {
          source: 'pocketbase',
          sourceId: ada,
          id: ada,
          email: 'ada@example.com',
          emailVerified: true,
          passwordHash: '$2a$10$ZEOi8OPVWMqBcGhykQu37eliloH2m4ot4489HIQmgHSAK6o9TZh3u',
          createdAt: '2024-03-01T08:15:30.123Z',
          profile: { name: 'Ada Lind' },
        },
      },
      {
        file,
        line: 2,
        record: {
          source: 'pocketbase',
          sourceId: bjorn,
          id: bjorn,
          username: 'users12345',
          passwordHash: '$2a$13$4NX4Bz4PcWakjuDkDJm/Zu7S8C7f59.ezNAAkaWndJekRL2zh9vwm',
          createdAt: '2023-01-01T00:00:00.000Z',
          profile: { name: 'Björn Ask' },
        },
      },
      {
        file,
        line: 3,
        record: {
          source: 'pocketbase',
          sourceId: chidi,
          id: chidi,
          email: 'chidi@example.com',
          emailVerified: true,
          createdAt: '2024-03-03T00:00:00.000Z',
        },
      },
    ])
  })

  it('takes nobody for verified where that is asked for, and calls the system as it is told to', async () => {
    const file = fileOf('users.json', JSON.stringify([row]))
    const [entry] = await entriesOf(pocketbase, [file], { verified: 'none', source: 'acme' })
    assert.ok(entry && 'record' in entry)
    assert.equal(entry.record.source, 'acme')
    assert.equal(entry.record.emailVerified, undefined)
  })

  it('never reads the key that tokens are signed with', async () => {
    const entries = await entriesOf(pocketbase, [fileOf('users.json', JSON.stringify([row]))])
    assert.ok(!JSON.stringify(entries).includes('token-key'))
  })

  it('refuses a row without id by its own, and a file without any row of its table', async () => {
    const file = fileOf('users.json', JSON.stringify([{ ...row, id: '' }, row]))
    const [first, second] = await entriesOf(pocketbase, [file])
    assert.deepEqual(first, { file: 'users.json', line: 1, refused: 'no id' })
    assert.ok(second && 'record' in second)
    await assert.rejects(entriesOf(pocketbase, [fileOf('x.csv', 'a,b\n1,2\n')]), UnreadableImport)
  })

  behavesLikeEveryFormat(pocketbase, ['pocketbase-users.json'])
  takesAnyValue(pocketbase, row)
})
