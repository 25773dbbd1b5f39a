import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnreadableImport } from '../../../src/imports/format.ts'
import { wolfpal } from '../../../src/imports/formats/wolfpal.ts'
import { entriesOf, fileOf, sampleFile } from '../files.ts'
import { behavesLikeEveryFormat } from './any-format.ts'

const file = 'wolfpal-users.ndjson'

describe('the format of WolfPal', () => {
  behavesLikeEveryFormat(wolfpal, [file])

  it('reads what mongoexport writes of the users', async () => {
    assert.deepEqual(await entriesOf(wolfpal, [sampleFile(file)]), [ada, bjorn])
  })

  it('joins the sessions that are still good', async () => {
    const hash = 'AB'.repeat(64)
    const sessions = [
      session({ refreshTokenHash: hash }),
      session({ refreshTokenHash: 'cd'.repeat(64), expireAt: { $date: { $numberLong: '1767225599999' } } }),
      session({ refreshTokenHash: 'ef'.repeat(64), isRevoked: true }),
      session({ refreshTokenHash: 'too short' }),
      session({ refreshTokenHash: '01'.repeat(64), user: { $oid: '60425dc43519d90068f829ff' } }),
    ]
    const entries = await entriesOf(wolfpal, [
      sampleFile(file),
      fileOf('sessions.ndjson', sessions.join('\n')),
    ])
    assert.deepEqual(entries, [
      {
        ...ada,
        record: {
          ...ada.record,
          sessions: [{ refreshHash: `sha512:${hash.toLowerCase()}`, expiresAt: '2026-02-01T00:00:00.000Z' }],
        },
      },
      bjorn,
    ])
  })

  it('leaves a second factor that was never confirmed, with its codes', async () => {
    const user = { ...confirmed, twoFactor: false }
    const [entry] = await entriesOf(wolfpal, [fileOf('x', JSON.stringify(user))])
    assert.deepEqual(entry, {
      file: 'x',
      line: 1,
      record: { source: 'wolfpal', sourceId: 'u', id: 'u' },
      dropped: ['second factor: never confirmed'],
    })
    const [other] = await entriesOf(wolfpal, [fileOf('x', JSON.stringify(confirmed))])
    assert.ok(other && 'record' in other)
    assert.deepEqual(other.record.recoveryCodes, ['1234567890'])
  })

  it('refuses what mongoexport does not write', async () => {
    for (const text of ['{"users":[{"_id":"u"}]}', session({}), ''])
      await assert.rejects(entriesOf(wolfpal, [fileOf('x', text)]), UnreadableImport)
  })
})

const confirmed = {
  _id: 'u',
  twoFactor: true,
  twoFactorSecret: 'JBSWY3DPEHPK3PXP',
  twoFactorBackupCodes: ['1234567890'],
}

function session(fields: object): string {
  return JSON.stringify({
    _id: { $oid: '60425dc43519d90068f82911' },
    user: { $oid: '60425dc43519d90068f82901' },
    accessTokenHash: '00'.repeat(64),
    refreshTokenHash: '00'.repeat(64),
    isRevoked: false,
    expireAt: { $date: '2026-02-01T00:00:00Z' },
    ...fields,
  })
}

const ada = {
  file,
  line: 1,
  record: {
    source: 'wolfpal',
    sourceId: '60425dc43519d90068f82901',
    id: '60425dc43519d90068f82901',
    email: 'ada@example.com',
    emailVerified: true,
    username: 'ada',
    passwordHash: '$2b$12$BTVt2E0x0mge.oIFgXwiZOmxu3bkVFTrBEJCWfT/I1V.CX1zBCjeC',
    createdAt: '2021-03-01T08:15:30.123Z',
    lastSignInAt: '2021-06-01T00:00:00.000Z',
    knownAddresses: ['192.0.2.1'],
    profile: {
      slug: 'ada',
      streamerMode: false,
      notifications: { email: { weeklyGoals: false, yearlyGoals: false } },
    },
    attributes: { role: 'owner' },
    totp: [{ secret: 'JBSWY3DPEHPK3PXP', algorithm: 'SHA1', digits: 6, period: 30 }],
    recoveryCodes: ['1234567890', '0987654321'],
  },
}

const bjorn = {
  file,
  line: 2,
  record: {
    source: 'wolfpal',
    sourceId: '60425dc43519d90068f82902',
    id: '60425dc43519d90068f82902',
    email: 'bjorn.ask@example.com',
    emailVerified: false,
    username: 'BjornAsk',
    passwordHash: '$2b$12$iU5Iv.TFB0CGts0OaxbgLeE9/QJ1rcvvEdVLO9uS4fpvrFK7Zo9Ja',
    disabled: true,
    createdAt: '2021-03-02T00:00:00.000Z',
    profile: { slug: 'bjornask' },
    attributes: { role: 'user' },
  },
}
