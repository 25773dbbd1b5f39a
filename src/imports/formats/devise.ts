import type { FormatOptions, ImportFormat } from '../format.ts'
import type { Columns } from '../tables/columns.ts'
import { readTables } from '../tables/read-tables.ts'
import type { AccountRow, Outcome, TableFormat } from '../tables/table-format.ts'
import { totpOf } from '../tables/totp.ts'
import { withMap } from '../tables/with-map.ts'
import { asAddresses } from '../values/addresses.ts'
import { asBase32 } from '../values/bytes.ts'

/** The rows of the table `users` of a Rails application with Devise, or with `has_secure_password`. */
export const devise: ImportFormat = {
  name: 'devise',
  description: 'Rails with Devise or has_secure_password: the table users as CSV, JSON or SQL of pg_dump',
  secrets: ['pepper'],
  read: (files, options) => readTables(files, options, withMap(tables, options.map)),
}

const tables: TableFormat = {
  source: 'devise',
  tables: { users: { columns: ['id'], oneOf: ['encrypted_password', 'password_digest'] } },
  // Rails keeps times in UTC.
  timeZone: 'UTC',
  recordOf,
}

function recordOf(row: AccountRow, { secrets }: FormatOptions): Outcome {
  const { columns } = row
  if (columns.text('deleted_at') ?? columns.text('discarded_at')) return { skipped: 'deleted' }
  const id = columns.text('id')
  return {
    record: {
      sourceId: id,
      id,
      email: columns.text('email'),
      emailVerified: columns.has('confirmed_at') ? columns.text('confirmed_at') !== undefined : undefined,
      username: columns.text('username'),
      phone: columns.text('phone') ?? columns.text('phone_number'),
      ...passwordOf(columns, secrets.pepper),
      createdAt: columns.time('created_at'),
      // Devise's `last_sign_in_at` is that of the sign-in before.
      lastSignInAt: columns.time('current_sign_in_at') ?? columns.time('last_sign_in_at'),
      knownAddresses: asAddresses([columns.text('current_sign_in_ip'), columns.text('last_sign_in_ip')]),
      profile: {
        name: columns.text('name'),
        firstName: columns.text('first_name'),
        lastName: columns.text('last_name'),
      },
      identities: identitiesOf(columns),
      totp: secondFactorOf(row),
    },
  }
}

/** Devise appends its pepper to the password; `has_secure_password` knows of none. */
function passwordOf(columns: Columns, pepper: string | undefined) {
  const hash = columns.text('encrypted_password')
  if (hash && pepper) return { password: { kind: 'bcrypt', hash, pepper } }
  return { passwordHash: hash ?? columns.text('password_digest') }
}

function identitiesOf(columns: Columns) {
  const provider = columns.text('provider')
  const subject = columns.text('uid')
  // devise_token_auth calls the e-mail address a provider.
  return provider && subject && provider !== 'email' ? [{ provider, subject }] : undefined
}

function secondFactorOf({ columns, drop }: AccountRow) {
  const secret = columns.text('otp_secret')
  const isEncrypted = columns.text('encrypted_otp_secret') !== undefined || secret?.startsWith('{')
  if (!secret && !isEncrypted) return undefined
  if (!columns.flag('otp_required_for_login')) return drop('second factor: not in force')
  if (columns.text('otp_backup_codes')) drop('recovery codes: hashed')
  if (isEncrypted) return drop('second factor: encrypted by Rails')
  const base32 = asBase32(secret)
  return base32 ? totpOf(base32) : drop('second factor: no secret in base32')
}
