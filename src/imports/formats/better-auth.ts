import type { ImportRecord } from '../../core/imports/neutral.ts'
import type { FormatOptions, ImportFormat } from '../format.ts'
import type { JsonObject } from '../read/entry.ts'
import { columnsOf } from '../tables/columns.ts'
import { readTables } from '../tables/read-tables.ts'
import { sessionAddresses } from '../tables/session-addresses.ts'
import type { AccountRow, Outcome, TableFormat } from '../tables/table-format.ts'

/** The tables of better-auth. Second factors are sealed with a cipher that Node does not have, and so are left. */
export const betterAuth: ImportFormat = {
  name: 'better-auth',
  description: 'better-auth: the tables user, account, twoFactor and session, as JSON or CSV',
  read: (files, options) => readTables(files, options, tables),
}

const tables: TableFormat = {
  source: 'better-auth',
  tables: {
    twoFactor: { columns: ['userId', 'secret', 'backupCodes'], joinedBy: 'userId' },
    session: { columns: ['userId', 'ipAddress', 'expiresAt'], joinedBy: 'userId' },
    account: { columns: ['userId', 'accountId', 'providerId'], joinedBy: 'userId' },
    user: { columns: ['id', 'email', 'emailVerified'] },
  },
  unwrap: otherTable,
  recordOf,
}

/** A copy of the whole database has codes too; of sessions only the IPs are read. */
function otherTable(row: JsonObject) {
  const { has, value } = columnsOf(row)
  if (!has('expiresAt')) return undefined
  if (has('token')) return { table: 'session', row: pick(value, ['userId', 'ipAddress', 'createdAt']) }
  return has('identifier') && has('value') ? { table: 'verification', row } : undefined
}

/** Tokens are left where they are. */
function pick(value: (name: string) => unknown, names: string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, value(name)]))
}

function recordOf(row: AccountRow, { now }: FormatOptions): Outcome {
  const { columns, joined } = row
  if (columns.flag('isAnonymous')) return { skipped: 'anonymous' }
  const id = columns.text('id')
  dropSecondFactor(row, id)
  return {
    record: {
      sourceId: id,
      id,
      email: columns.text('email'),
      emailVerified: columns.flag('emailVerified'),
      username: columns.text('username'),
      phone: columns.text('phoneNumber'),
      phoneVerified: columns.flag('phoneNumberVerified'),
      disabled: isBanned(row, now) || undefined,
      createdAt: columns.time('createdAt'),
      knownAddresses: sessionAddresses(joined('session', id), 'ipAddress'),
      profile: {
        name: columns.text('name'),
        picture: columns.text('image'),
        displayUsername: columns.text('displayUsername'),
      },
      attributes: { role: columns.text('role'), banReason: columns.text('banReason') },
      ...accountsOf(row, id),
    },
  }
}

/** A ban without an end lasts. */
function isBanned({ columns }: AccountRow, now: number): boolean {
  const end = columns.time('banExpires')
  return columns.flag('banned') === true && (end === undefined || Date.parse(end) > now)
}

/** The account of the provider `credential` has the password, the others are those of elsewhere. */
function accountsOf({ joined, drop }: AccountRow, userId: string | undefined): Partial<ImportRecord> {
  const identities: ImportRecord['identities'] = []
  const passwords: string[] = []
  for (const account of joined('account', userId)) {
    const provider = account.text('providerId')
    const subject = account.text('accountId')
    const password = account.text('password')
    if (provider === 'credential') passwords.push(...(password === undefined ? [] : [password]))
    else if (provider !== undefined && subject !== undefined) identities.push({ provider, subject })
  }
  if (passwords.length > 1) drop('password: another one')
  return { ...passwordOf(passwords[0]), identities }
}

/** An app may have set a hasher of its own, whose texts say what they are. */
function passwordOf(stored: string | undefined): Pick<ImportRecord, 'passwordHash' | 'password'> {
  if (stored === undefined) return {}
  const isOwn = /^[0-9a-f]+:[0-9a-f]+$/i.test(stored)
  return isOwn ? { password: { kind: 'better-auth-scrypt', hash: stored } } : { passwordHash: stored }
}

/** A secret counts once its first code was right, which the user's row says. */
function dropSecondFactor({ columns, joined, drop }: AccountRow, userId: string | undefined): void {
  if (columns.flag('twoFactorEnabled')) drop('second factor: sealed with BETTER_AUTH_SECRET')
  else if (joined('twoFactor', userId).length > 0) drop('second factor: never confirmed')
}
