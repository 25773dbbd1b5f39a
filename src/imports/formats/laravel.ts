import type { FormatOptions, ImportFormat } from '../format.ts'
import { UnreadableImport } from '../format.ts'
import { decryptLaravel, readAppKeys } from './laravel-encryption.ts'
import { readTables, type TableRow } from './tables.ts'
import { totpIn } from './totp.ts'

/** The rows of Laravel's table `users`, with the second factors of Fortify. */
export const laravel: ImportFormat = {
  name: 'laravel',
  description: 'Laravel: the table users as CSV or JSON, with second factors of Fortify',
  secrets: ['APP_KEY'],
  read: (files, options) => {
    const keys = keysIn(options)
    return readTables(files, options, {
      format: 'laravel',
      main: 'users',
      tables: { users: { columns: ['id', 'password'] } },
      recordOf: (row) => recordOf(row, keys),
    })
  },
}

function keysIn({ secrets }: FormatOptions): Buffer[] {
  if (!secrets.APP_KEY) return []
  const keys = readAppKeys(secrets.APP_KEY)
  if (!keys) throw new UnreadableImport('APP_KEY is no key of Laravel: 16 or 32 bytes, or base64: and these in base64')
  return keys
}

function recordOf({ columns, drop }: TableRow, keys: Buffer[]) {
  if (columns.text('deleted_at')) return { skipped: 'deleted' }
  const id = columns.text('id')
  return {
    sourceId: id,
    id,
    email: columns.text('email'),
    emailVerified: columns.has('email_verified_at')
      ? columns.text('email_verified_at') !== undefined
      : undefined,
    username: columns.text('username'),
    phone: columns.text('phone') ?? columns.text('phone_number'),
    passwordHash: columns.text('password'),
    createdAt: columns.time('created_at'),
    profile: { name: columns.text('name') },
    ...secondFactorOf(columns, drop, keys),
  }
}

function secondFactorOf(columns: TableRow['columns'], drop: TableRow['drop'], keys: Buffer[]) {
  const encrypted = columns.text('two_factor_secret')
  if (!encrypted) return {}
  // Before there was confirmation, Fortify had no such column.
  const isConfirmed = columns.text('two_factor_confirmed_at') || !columns.has('two_factor_confirmed_at')
  if (!isConfirmed) return drop('second factor: never confirmed')
  if (keys.length === 0) return drop('second factor: encrypted, and APP_KEY was not given')
  const secret = decryptLaravel(encrypted, keys)
  if (secret === undefined) return drop('second factor: encrypted under another APP_KEY')
  const totp = totpIn(secret)
  if (!totp) return drop('second factor: no secret in base32')
  return { totp, recoveryCodes: recoveryCodesOf(columns.text('two_factor_recovery_codes'), drop, keys) }
}

function recoveryCodesOf(encrypted: string | undefined, drop: TableRow['drop'], keys: Buffer[]) {
  if (!encrypted) return undefined
  try {
    const codes = JSON.parse(decryptLaravel(encrypted, keys) ?? '')
    if (Array.isArray(codes) && codes.every((code) => typeof code === 'string')) return codes
  } catch {
    // Told below.
  }
  return drop('recovery codes: encrypted under another APP_KEY')
}
