import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wordpress } from '../../../src/imports/formats/wordpress.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'
import { takesAnyValue } from './any-row.ts'

const row = {
  ID: 7,
  user_login: 'eve',
  user_pass: '$P$x',
  user_email: 'eve@example.com',
  user_registered: '2024-03-01 08:15:30',
  display_name: 'Eve',
  spam: 0,
  deleted: 0,
}

describe('the format wordpress', () => {
  it('reads the table of users, and verifies nobody', async () => {
    const file = 'wordpress-wp_users.csv'
    assert.deepEqual(await entriesOf(wordpress, [sampleFile(file)]), [
      {
        file,
        line: 2,
        record: {
          source: 'wordpress',
          sourceId: '1',
          id: '1',
          email: 'ada@example.com',
          username: 'ada',
          passwordHash: '$wp$2y$10$ASJtuaI77eQgs6dbQgwoSuuCBJxQeCaiYhWCFgHNaQGJn0OaB/puS',
          createdAt: '2024-03-01T08:15:30.000Z',
          profile: { name: 'Ada Lind' },
        },
      },
      {
        file,
        line: 3,
        record: {
          source: 'wordpress',
          sourceId: '2',
          id: '2',
          email: 'Bjorn.Ask@Example.com',
          username: 'björn ask',
          passwordHash: '$P$B.HTFfXwYuX74CbgPHeSwpT2ExtbRM.',
          profile: { name: 'Björn Ask' },
        },
      },
      {
        file,
        line: 4,
        record: {
          source: 'wordpress',
          sourceId: '3',
          id: '3',
          username: 'chidi',
          password: {
            kind: 'digest',
            hash: 'bc98593e439942d6b6a7d773c138239a',
            algorithm: 'md5',
            format: '{password}',
            encoding: 'hex',
          },
          createdAt: '2008-01-01T00:00:00.000Z',
          profile: { name: 'chidi' },
        },
      },
    ])
  })

  it('takes roles, of the site and of further ones, and names out of usermeta', async () => {
    const { record } = await readUser({
      wp_capabilities: 'a:2:{s:13:"administrator";b:1;s:6:"editor";b:0;}',
      wp_3_capabilities: 'a:1:{s:6:"editor";b:1;}',
      first_name: 'Eve',
      last_name: 'Holt',
    })
    assert.deepEqual(record.attributes, { roles: ['administrator'], sites: { 3: ['editor'] } })
    assert.deepEqual(record.profile, { name: 'Eve', firstName: 'Eve', lastName: 'Holt' })
  })

  it('finds roles by their pattern alone: objects are never unserialized', async () => {
    const { record } = await readUser({ wp_capabilities: 'O:8:"Attacker":1:{s:1:"x";s:6:"editor";}' })
    assert.equal(record.attributes, undefined)
  })

  it('takes the second factor that is in force, and no other', async () => {
    const _two_factor_totp_key = 'JBSWY3DPEHPK3PXP'
    const totp = 'a:1:{i:0;s:15:"Two_Factor_Totp";}'
    const email = 'a:1:{i:0;s:16:"Two_Factor_Email";}'
    const inForce = await readUser({ _two_factor_totp_key, _two_factor_enabled_providers: totp })
    assert.deepEqual(inForce.record.totp, [
      { secret: _two_factor_totp_key, algorithm: 'SHA1', digits: 6, period: 30 },
    ])
    const other = await readUser({ _two_factor_totp_key, _two_factor_enabled_providers: email })
    assert.equal(other.record.totp, undefined)
    assert.deepEqual(other.dropped, ['second factor: not in force'])
  })

  it('disables who a network holds for spam, and skips whom it has deleted', async () => {
    assert.equal((await readUser({}, { spam: 1 })).record.disabled, true)
    const file = fileOf('x.json', JSON.stringify([{ ...row, deleted: 1 }]))
    assert.deepEqual(await entriesOf(wordpress, [file]), [{ file: 'x.json', line: 1, skipped: 'deleted' }])
  })

  behavesLikeEveryFormat(wordpress, ['wordpress-wp_users.csv'])
  takesAnyValue(wordpress, row)
})

async function readUser(meta: Record<string, string>, changes: object = {}) {
  const rows = Object.entries(meta).map(([meta_key, meta_value]) => ({ user_id: 7, meta_key, meta_value }))
  const files = [
    fileOf('meta.json', JSON.stringify(rows)),
    fileOf('users.json', JSON.stringify([{ ...row, ...changes }])),
  ]
  const [entry] = await entriesOf(wordpress, files)
  assert.ok(entry && 'record' in entry)
  return entry
}
