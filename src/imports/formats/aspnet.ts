import type { FormatOptions, ImportFormat } from '../format.ts'
import type { Columns } from '../tables/columns.ts'
import { readTables } from '../tables/read-tables.ts'
import type { AccountRow, Outcome, TableFormat } from '../tables/table-format.ts'
import { totpOf } from '../tables/totp.ts'
import { withMap } from '../tables/with-map.ts'
import { asBase32 } from '../values/bytes.ts'
import { membershipRecord } from './aspnet-membership.ts'
import { aspnetPassword } from './aspnet-password.ts'
import { usernameBeside } from './aspnet-username.ts'

/** The tables of ASP.NET Identity, or of the Membership before it. */
export const aspnet: ImportFormat = {
  name: 'aspnet',
  description: 'ASP.NET Identity or Membership: AspNetUsers and the tables around it as CSV or JSON',
  read: (files, options) => readTables(files, options, withMap(tables, options.map)),
}

const tables: TableFormat = {
  source: 'aspnet',
  tables: {
    AspNetUsers: { columns: ['Id', 'UserName', 'PasswordHash'] },
    AspNetUserTokens: { columns: ['UserId', 'LoginProvider', 'Name', 'Value'], joinedBy: 'UserId' },
    AspNetUserLogins: { columns: ['UserId', 'LoginProvider', 'ProviderKey'], joinedBy: 'UserId' },
    AspNetUserRoles: { columns: ['UserId', 'RoleId'], joinedBy: 'UserId' },
    AspNetRoles: { columns: ['Id', 'Name', 'NormalizedName'], joinedBy: 'Id' },
    aspnet_Membership: { columns: ['UserId', 'Password', 'PasswordFormat', 'PasswordSalt'] },
    aspnet_Users: { columns: ['UserId', 'UserName', 'LoweredUserName'], joinedBy: 'UserId' },
  },
  // Both keep times in UTC.
  timeZone: 'UTC',
  recordOf: (row, options) =>
    row.table === 'AspNetUsers' ? identityRecord(row, options) : membershipRecord(row),
}

function identityRecord(row: AccountRow, { now }: FormatOptions): Outcome {
  const { columns, drop } = row
  const id = columns.text('Id')
  const email = columns.text('Email')
  return {
    record: {
      sourceId: id,
      id,
      email,
      emailVerified: columns.flag('EmailConfirmed'),
      username: usernameBeside(email, columns.text('UserName')),
      phone: columns.text('PhoneNumber'),
      phoneVerified: columns.flag('PhoneNumberConfirmed'),
      ...aspnetPassword(columns.text('PasswordHash'), drop),
      disabled: isBanned(columns, now),
      attributes: { roles: rolesOf(row) },
      identities: loginsOf(row),
      ...secondFactorOf(row),
    },
  }
}

/** Locks after wrong passwords last for minutes; what lasts for longer than a day somebody has meant to. */
function isBanned(columns: Columns, now: number): true | undefined {
  if (columns.flag('LockoutEnabled') === false) return undefined
  const end = columns.time('LockoutEnd') ?? columns.time('LockoutEndDateUtc')
  return end !== undefined && Date.parse(end) > now + day ? true : undefined
}

const day = 24 * 60 * 60 * 1000

function rolesOf({ columns, joined }: AccountRow): string[] | undefined {
  const roles = joined('AspNetUserRoles', columns.text('Id'))
    .map((role) => joined('AspNetRoles', role.text('RoleId'))[0]?.text('Name') ?? role.text('RoleId'))
    .filter((role) => role !== undefined)
  return roles.length > 0 ? roles : undefined
}

function loginsOf({ columns, joined }: AccountRow) {
  const logins = joined('AspNetUserLogins', columns.text('Id'))
  const identities = logins.flatMap((login) => {
    const provider = login.text('LoginProvider')
    const subject = login.text('ProviderKey')
    return provider && subject ? [{ provider: provider.toLowerCase(), subject }] : []
  })
  return identities.length > 0 ? identities : undefined
}

/** The default store keeps the key as soon as somebody looks at the page that shows it; it counts from `TwoFactorEnabled`. */
function secondFactorOf({ columns, joined, drop }: AccountRow) {
  const tokens = joined('AspNetUserTokens', columns.text('Id'))
  const tokenNamed = (name: string) => tokens.find((token) => token.text('Name') === name)?.text('Value')
  const key = tokenNamed('AuthenticatorKey')
  if (!key) return {}
  if (!columns.flag('TwoFactorEnabled')) return drop('second factor: not in force')
  const base32 = asBase32(key)
  if (!base32) return drop('second factor: no secret in base32')
  return { totp: totpOf(base32), recoveryCodes: tokenNamed('RecoveryCodes')?.split(';').filter(Boolean) }
}
