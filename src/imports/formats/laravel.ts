import { type FormatOptions, type ImportFormat, UnreadableImport } from '../format.ts'
import { readTables } from '../tables/read-tables.ts'
import type { AccountRow, Outcome, TableFormat } from '../tables/table-format.ts'
import { totpOf } from '../tables/totp.ts'
import { withMap } from '../tables/with-map.ts'
import { asBase32 } from '../values/bytes.ts'
import { decryptLaravel, readAppKeys } from './laravel-encryption.ts'

/** The rows of Laravel's table `users`, with the second factors of Fortify. */
export const laravel: ImportFormat = {
  name: 'laravel',
  description: 'Laravel: the table users as CSV or JSON, with second factors of Fortify',
  secrets: ['APP_KEY'],
  read: (files, options) => readTables(files, options, withMap(tablesUnder(keysIn(options)), options.map)),
}

function tablesUnder(keys: Buffer[]): TableFormat {
  return {
    source: 'laravel',
    tables: { users: { columns: ['id', 'email', 'password'] } },
    recordOf: (row) => recordOf(row, keys),
  }
}

function keysIn({ secrets }: FormatOptions): Buffer[] {
  if (!secrets.APP_KEY) return []
  const keys = readAppKeys(secrets.APP_KEY)
  if (!keys)
    throw new UnreadableImport('APP_KEY is no key of Laravel: 16 or 32 bytes, or base64: and these in base64')
  return keys
}

function recordOf(row: AccountRow, keys: Buffer[]): Outcome {
  const { columns } = row
  if (columns.text('deleted_at')) return { skipped: 'deleted' }
  const id = columns.text('id')
  return {
    record: {
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
      ...secondFactorOf(row, keys),
    },
  }
}

function secondFactorOf({ columns, drop }: AccountRow, keys: Buffer[]) {
  const encrypted = columns.text('two_factor_secret')
  if (!encrypted) return {}
  // Before there was confirmation, Fortify had no such column.
  const isConfirmed = columns.text('two_factor_confirmed_at') || !columns.has('two_factor_confirmed_at')
  if (!isConfirmed) return drop('second factor: never confirmed')
  if (keys.length === 0) return drop('second factor: encrypted, and APP_KEY was not given')
  const secret = decryptLaravel(encrypted, keys)
  if (secret === undefined) return drop('second factor: encrypted under another APP_KEY')
  const base32 = asBase32(secret)
  if (!base32) return drop('second factor: no secret in base32')
  return {
    totp: totpOf(base32),
    recoveryCodes: recoveryCodesOf(columns.text('two_factor_recovery_codes'), drop, keys),
  }
}

function recoveryCodesOf(encrypted: string | undefined, drop: AccountRow['drop'], keys: Buffer[]) {
  if (!encrypted) return undefined
  try {
    const codes = JSON.parse(decryptLaravel(encrypted, keys) ?? '')
    if (Array.isArray(codes) && codes.every((code) => typeof code === 'string')) return codes
  } catch {
    // Told below.
  }
  return drop('recovery codes: encrypted under another APP_KEY')
}
