import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { django } from '../../../src/imports/formats/django.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'
import { takesAnyValue } from './any-row.ts'

const fields = {
  password: 'argon2$argon2id$x',
  last_login: null,
  is_superuser: false,
  username: 'eve',
  first_name: '',
  last_name: '',
  email: 'eve@example.com',
  is_staff: false,
  is_active: true,
  date_joined: '2024-03-03T00:00:00Z',
}

const eve = { model: 'auth.user', pk: 7, fields }

describe('the format django', () => {
  it('reads a dump of the users', async () => {
    const file = 'django-dumpdata.json'
    assert.deepEqual(await entriesOf(django, [sampleFile(file)]), [
      {
        file,
        line: 1,
        record: {
          source: 'django',
          sourceId: '1',
          id: '1',
          email: 'Ada@Example.com',
          username: 'ada',
          passwordHash:
            'pbkdf2_sha256$20000$aSaltForAda000000000001$td6wyUXISmxjtxgyuqToVqzmF5Tc9UrKTgS97eSqRR4=',
          createdAt: '2024-03-01T08:15:30.123Z',
          lastSignInAt: '2024-06-01T00:00:00.000Z',
          profile: { firstName: 'Ada', lastName: 'Lind' },
          attributes: { is_staff: true, is_superuser: true },
        },
      },
      {
        file,
        line: 2,
        record: {
          source: 'django',
          sourceId: '2',
          id: '2',
          username: 'Björn@ask+x',
          passwordHash:
            'argon2$argon2id$v=19$m=10240,t=2,p=8$YVNhbHRGb3JCam9ybjAwMDAwMDAwMg$LzL81d+3jmcCTd912EdegxlYMNSIruIZiZpb6Il6rL0',
          createdAt: '2024-03-02T00:00:00.000Z',
        },
      },
      {
        file,
        line: 3,
        record: {
          source: 'django',
          sourceId: '3',
          id: '3',
          email: 'chidi@example.com',
          username: 'chidi',
          createdAt: '2024-03-03T00:00:00.000Z',
        },
      },
      {
        file,
        line: 4,
        record: {
          source: 'django',
          sourceId: '4',
          id: '4',
          email: 'ada@example.com',
          username: 'Dana',
          passwordHash: 'md5$aabbcc$d121ed89bd0651fb3c3027dcd33e2496',
          disabled: true,
          createdAt: '2009-03-03T00:00:00.000Z',
        },
      },
    ])
  })

  it('reads the tables as CSV and as SQL of pg_dump alike', async () => {
    const header =
      'id,password,last_login,is_superuser,username,first_name,last_name,email,is_staff,is_active,date_joined'
    const cells = [
      '7',
      fields.password,
      '',
      'f',
      'eve',
      '',
      '',
      fields.email,
      'f',
      't',
      '2024-03-03 00:00:00+00',
    ]
    const sql = [
      '-- PostgreSQL database dump',
      'COPY public.django_session (session_key, session_data) FROM stdin;',
      'k\td',
      '\\.',
      `COPY public.auth_user (${header.replaceAll(',', ', ')}) FROM stdin;`,
      cells.map((cell) => cell || '\\N').join('\t'),
      '\\.',
      '',
    ].join('\n')
    const expected = (await read([eve])).record
    for (const file of [fileOf('x.csv', `${header}\n${cells.join(',')}\n`), fileOf('x.sql', sql)]) {
      const [entry, ...more] = await entriesOf(django, [file])
      assert.ok(entry && 'record' in entry)
      assert.deepEqual(entry.record, expected)
      assert.deepEqual(more, [])
    }
  })

  it('folds user names as Django does, to NFKC and no further', async () => {
    const { record } = await read([{ ...eve, fields: { ...fields, username: 'Ｅｖｅ' } }])
    assert.equal(record.username, 'Eve')
  })

  it("knows by allauth whose address is verified, and that of who has none in Django's table", async () => {
    const address = (email: string, verified: boolean, primary: boolean) => ({
      model: 'account.emailaddress',
      pk: 1,
      fields: { user: 7, email, verified, primary },
    })
    const verified = await read([address('Eve@example.com', true, true), eve])
    assert.equal(verified.record.emailVerified, true)
    const other = await read([eve, address('other@example.com', true, true)])
    assert.equal(other.record.emailVerified, undefined)
    assert.deepEqual(other.dropped, ['further e-mail addresses'])
    const without = { ...eve, fields: { ...fields, email: '' } }
    const primary = await read([without, address('other@example.com', false, true)])
    assert.deepEqual([primary.record.email, primary.record.emailVerified], ['other@example.com', false])
  })

  it('takes second factors of django-otp, also where users are named by their natural key', async () => {
    for (const user of [7, ['eve']]) {
      const { record } = await read([
        eve,
        {
          model: 'otp_totp.totpdevice',
          pk: 1,
          fields: {
            user,
            name: 'phone',
            confirmed: true,
            key: '48656c6c6f21deadbeef',
            step: 60,
            t0: 0,
            digits: 8,
          },
        },
        { model: 'otp_static.staticdevice', pk: 5, fields: { user, name: 'backup', confirmed: true } },
        { model: 'otp_static.statictoken', pk: 1, fields: { device: 5, token: 'abcdefg' } },
        { model: 'otp_static.statictoken', pk: 2, fields: { device: 6, token: 'of another one' } },
      ])
      assert.deepEqual(record.totp, [
        { secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 8, period: 60, name: 'phone' },
      ])
      assert.deepEqual(record.recoveryCodes, ['abcdefg'])
    }
  })

  it('takes second factors of allauth that are not encrypted, and tells of the others', async () => {
    const authenticator = (type: string, data: object) => ({
      model: 'mfa.authenticator',
      pk: 1,
      fields: { user: 7, type, data },
    })
    const taken = await read([
      eve,
      authenticator('totp', { secret: 'JBSWY3DPEHPK3PXP' }),
      authenticator('recovery_codes', { migrated_codes: ['11112222'] }),
    ])
    assert.equal(taken.record.totp?.[0]?.secret, 'JBSWY3DPEHPK3PXP')
    assert.deepEqual(taken.record.recoveryCodes, ['11112222'])
    const left = await read([
      eve,
      authenticator('totp', { secret: 'gAAAAA==' }),
      authenticator('recovery_codes', { seed: 'hush' }),
      authenticator('webauthn', {}),
    ])
    assert.deepEqual([left.record.totp, left.record.recoveryCodes], [undefined, undefined])
    assert.equal(left.dropped?.length, 3)
    assert.ok(!JSON.stringify(left).includes('hush'))
  })

  it('never takes a device that was not confirmed', async () => {
    const device = {
      user: 7,
      name: 'phone',
      confirmed: false,
      key: '48656c6c6f21deadbeef',
      step: 30,
      t0: 0,
      digits: 6,
    }
    const { record } = await read([eve, { model: 'otp_totp.totpdevice', pk: 1, fields: device }])
    assert.equal(record.totp, undefined)
  })

  it('takes groups by their names, and names at other providers', async () => {
    const { record } = await read([
      { model: 'auth.group', pk: 3, fields: { name: 'editors', permissions: [] } },
      { ...eve, fields: { ...fields, groups: [3, ['named']] } },
      { model: 'socialaccount.socialaccount', pk: 1, fields: { user: 7, provider: 'github', uid: '42' } },
    ])
    assert.deepEqual(record.attributes, { groups: ['editors', 'named'] })
    assert.deepEqual(record.identities, [{ provider: 'github', subject: '42' }])
  })

  it('finds a model of its own, and asks which one where there are two', async () => {
    const person = { ...eve, model: 'people.User' }
    assert.equal((await read([person])).record.username, 'eve')
    const two = fileOf('x.json', JSON.stringify([eve, person]))
    await assert.rejects(entriesOf(django, [two]), /auth\.user and people\.user/)
    assert.equal((await entriesOf(django, [two], { map: { model: 'people.User' } })).length, 1)
  })

  it('refuses a user without an id', async () => {
    const [entry] = await entriesOf(django, [fileOf('x.json', JSON.stringify([{ ...eve, pk: undefined }]))])
    assert.ok(entry && 'refused' in entry)
  })

  it('refuses a dump without users', async () => {
    const file = fileOf(
      'x.json',
      JSON.stringify([{ model: 'auth.group', pk: 3, fields: { name: 'editors' } }]),
    )
    await assert.rejects(entriesOf(django, [file]), UnreadableImport)
  })

  behavesLikeEveryFormat(django, ['django-dumpdata.json'])
  takesAnyValue(django, { id: 7, ...fields })
})

async function read(dump: object[]) {
  const [entry, ...more] = await entriesOf(django, [fileOf('dump.json', JSON.stringify(dump))])
  assert.ok(entry && 'record' in entry)
  assert.deepEqual(more, [])
  return entry
}
