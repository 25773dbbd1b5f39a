import type { FormatOptions, ImportFormat } from '../format.ts'
import { readTables, type TableRow } from './tables.ts'
import { totpIn } from './totp.ts'

/** The rows of the table `users` of a Rails application with Devise, or with `has_secure_password`. */
export const devise: ImportFormat = {
  name: 'devise',
  description: 'Rails with Devise or has_secure_password: the table users as CSV, JSON or COPY',
  secrets: ['pepper'],
  read: (files, options) =>
    readTables(files, options, {
      format: 'devise',
      main: 'users',
      tables: { users: { columns: ['id'], oneOf: ['encrypted_password', 'password_digest'] } },
      // Rails keeps times in UTC.
      timeZone: 'UTC',
      recordOf,
    }),
}

function recordOf({ columns, drop }: TableRow, { secrets }: FormatOptions) {
  if (columns.text('deleted_at') ?? columns.text('discarded_at')) return { skipped: 'deleted' }
  const id = columns.text('id')
  const hash = columns.text('encrypted_password')
  return {
    sourceId: id,
    id,
    email: columns.text('email'),
    emailVerified: columns.has('confirmed_at') ? columns.text('confirmed_at') !== undefined : undefined,
    username: columns.text('username'),
    phone: columns.text('phone') ?? columns.text('phone_number'),
    ...(hash && secrets.pepper
      ? { password: { kind: 'bcrypt', hash, pepper: secrets.pepper } }
      : { passwordHash: hash ?? columns.text('password_digest') }),
    createdAt: columns.time('created_at'),
    // Devise's `last_sign_in_at` is that of the sign-in before.
    lastSignInAt: columns.time('current_sign_in_at') ?? columns.time('last_sign_in_at'),
    profile: {
      name: columns.text('name'),
      firstName: columns.text('first_name'),
      lastName: columns.text('last_name'),
    },
    identities: identityIn(columns),
    totp: totpOf(columns, drop),
  }
}

function identityIn(columns: TableRow['columns']) {
  const provider = columns.text('provider')
  const subject = columns.text('uid')
  // devise_token_auth calls the e-mail address a provider.
  return provider && subject && provider !== 'email' ? [{ provider, subject }] : undefined
}

function totpOf(columns: TableRow['columns'], drop: TableRow['drop']) {
  const secret = columns.text('otp_secret')
  if (!secret && !columns.text('encrypted_otp_secret')) return undefined
  if (!columns.flag('otp_required_for_login')) return drop('second factor: not in force')
  if (columns.text('otp_backup_codes')) drop('recovery codes: hashed')
  if (!secret || secret.startsWith('{')) return drop('second factor: encrypted by Rails')
  return totpIn(secret) ?? drop('second factor: no secret in base32')
}
