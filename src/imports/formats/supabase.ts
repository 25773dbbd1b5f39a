import { createHash } from 'node:crypto'
import type { ImportRecord } from '../../core/imports/neutral.ts'
import type { FormatOptions, ImportFormat } from '../format.ts'
import type { Columns } from '../tables/columns.ts'
import { readTables } from '../tables/read-tables.ts'
import { sessionAddresses } from '../tables/session-addresses.ts'
import type { AccountRow, Outcome, TableFormat } from '../tables/table-format.ts'
import { asObject } from '../values/object.ts'
import { providerName } from '../values/provider-name.ts'
import { readStoredText } from './supabase-encryption.ts'
import { readFactors } from './supabase-factors.ts'

/** The tables of Supabase Auth, told apart by their columns. */
export const supabase: ImportFormat = {
  name: 'supabase',
  description:
    'Supabase Auth: auth.users, auth.identities, auth.mfa_factors, auth.sessions and, if people are to stay signed in, auth.refresh_tokens of pg_dump --data-only, or as CSV or JSON',
  secrets: ['ENCRYPTION_KEY'],
  read: (files, options) => readTables(files, options, tables),
}

const tables: TableFormat = {
  source: 'supabase',
  tables: {
    users: { columns: ['id', 'email'], oneOf: ['encryptedPassword', 'instanceId'] },
    identities: {
      columns: ['userId', 'provider'],
      oneOf: ['providerId', 'identityData'],
      joinedBy: 'userId',
    },
    sessions: { columns: ['userId', 'ip', 'refreshedAt'], joinedBy: 'userId' },
    refreshTokens: { columns: ['token', 'userId'], oneOf: ['revoked', 'parent'], joinedBy: 'userId' },
    factors: { columns: ['userId', 'factorType'], joinedBy: 'userId' },
  },
  timeZone: 'UTC',
  recordOf,
}

function recordOf(row: AccountRow, options: FormatOptions): Outcome {
  const { columns, drop, joined } = row
  const skipped = reasonToSkip(columns)
  if (skipped) return { skipped }
  const id = columns.text('id')
  const phone = columns.text('phone')
  return {
    record: {
      sourceId: id,
      id,
      email: columns.text('email'),
      emailVerified: columns.time('emailConfirmedAt') !== undefined,
      phone: phone && (phone.startsWith('+') ? phone : `+${phone}`),
      phoneVerified: columns.time('phoneConfirmedAt') !== undefined,
      passwordHash: passwordHashOf(row, options),
      ...banOf(columns, options.now),
      createdAt: columns.time('createdAt'),
      lastSignInAt: columns.time('lastSignInAt'),
      invitedAt: columns.time('invitedAt'),
      knownAddresses: sessionAddresses(joined('sessions', id), 'ip'),
      profile: profileOf(columns),
      attributes: attributesOf(row),
      totp: readFactors(joined('factors', id), { key: options.secrets.ENCRYPTION_KEY, drop }),
      identities: identitiesOf(joined('identities', id)),
      sessions: sessionsOf(joined('refreshTokens', id), options.now),
    },
  }
}

/** Who signs in through an organization has an address that others may have, too. */
function reasonToSkip(columns: Columns): string | undefined {
  if (columns.text('deletedAt') !== undefined) return 'deleted'
  if (columns.flag('isAnonymous')) return 'anonymous'
  if (columns.flag('isSsoUser')) return 'signs in by single sign-on'
  return (columns.text('aud') ?? 'authenticated') === 'authenticated' ? undefined : 'of another audience'
}

function passwordHashOf({ columns, drop }: AccountRow, { secrets }: FormatOptions): string | undefined {
  const stored = readStoredText(
    columns.value('encryptedPassword'),
    columns.text('id') ?? '',
    secrets.ENCRYPTION_KEY,
  )
  if (!stored || 'text' in stored) return stored && columns.text('encryptedPassword') && stored.text
  return drop('password hash: encrypted')
}

/** PostgreSQL has a time that never comes. */
function banOf(columns: Columns, now: number): Pick<ImportRecord, 'disabled' | 'disabledUntil'> {
  if (columns.text('bannedUntil') === 'infinity') return { disabled: true }
  const until = columns.time('bannedUntil')
  return until !== undefined && Date.parse(until) > now ? { disabled: true, disabledUntil: until } : {}
}

/** Supabase writes its own claims among what users say of themselves, which they can write, too. */
function profileOf(columns: Columns): Record<string, unknown> | undefined {
  const { email_verified, phone_verified, ...profile } = asObject(columns.value('rawUserMetaData')) ?? {}
  return profile
}

/** What apps read as `app_metadata`, and so nothing of other columns: that would be a claim that nobody has made. */
function attributesOf({ columns, drop }: AccountRow): Record<string, unknown> | undefined {
  if (columns.flag('isSuperAdmin')) drop('is_super_admin: nothing asks for it here')
  if ((columns.text('role') ?? 'authenticated') !== 'authenticated') drop('role: another than authenticated')
  return asObject(columns.value('rawAppMetaData'))
}

/** By default sessions never end there; as long as a session lives unused at the door for this client. */
const sessionLifetimeMs = 90 * 86_400_000

/** What signs people in again, by its hash: the tokens themselves are kept nowhere. */
function sessionsOf(tokens: Columns[], now: number): ImportRecord['sessions'] {
  const expiresAt = new Date(now + sessionLifetimeMs).toISOString()
  const live = tokens.flatMap((row) => (row.flag('revoked') ? [] : (row.text('token') ?? [])))
  if (live.length === 0) return undefined
  return live.map((token) => ({
    refreshHash: `sha256:${createHash('sha256').update(token).digest('hex')}`,
    expiresAt,
  }))
}

function identitiesOf(identities: Columns[]): ImportRecord['identities'] {
  const found = identities.flatMap((identity) => {
    const provider = identity.text('provider')
    // Servers before 2023 had the provider's id in `id`.
    const subject = identity.text('providerId') ?? identity.text('identityData.sub') ?? identity.text('id')
    return provider && subject && provider !== 'email' && provider !== 'phone'
      ? [{ provider: providerName(provider), subject }]
      : []
  })
  return found.length > 0 ? found : undefined
}
