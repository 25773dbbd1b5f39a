import type { ImportFormat } from '../format.ts'
import { membershipRecord } from './aspnet-membership.ts'
import { aspnetPassword } from './aspnet-password.ts'
import { usernameBeside } from './aspnet-username.ts'
import { readTables, type TableRow } from './tables.ts'
import { totpIn } from './totp.ts'

/** The tables of ASP.NET Identity, or of the Membership before it. */
export const aspnet: ImportFormat = {
  name: 'aspnet',
  description: 'ASP.NET Identity or Membership: AspNetUsers and the tables around it as CSV or JSON',
  read: (files, options) =>
    readTables(files, options, {
      format: 'aspnet',
      main: ['aspnetusers', 'aspnet_membership'],
      tables: {
        aspnetusers: { columns: ['Id', 'UserName', 'PasswordHash'] },
        aspnetusertokens: { columns: ['UserId', 'LoginProvider', 'Name', 'Value'], joinedBy: 'UserId' },
        aspnetuserlogins: { columns: ['UserId', 'LoginProvider', 'ProviderKey'], joinedBy: 'UserId' },
        aspnet_membership: { columns: ['UserId', 'Password', 'PasswordFormat', 'PasswordSalt'] },
        aspnet_users: { columns: ['UserId', 'UserName', 'LoweredUserName'], joinedBy: 'UserId' },
        aspnetuserroles: { columns: ['UserId', 'RoleId'], joinedBy: 'UserId' },
        aspnetroles: { columns: ['Id', 'Name', 'NormalizedName'], joinedBy: 'Id' },
      },
      key: (columns) => columns.text('Id') ?? columns.text('UserId'),
      timeZone: 'UTC',
      recordOf: (row) => (row.table === 'aspnetusers' ? identityRecord(row) : membershipRecord(row)),
    }),
}

async function identityRecord(row: TableRow) {
  const { columns, drop } = row
  const id = columns.text('Id')
  const email = columns.text('Email')
  return {
    sourceId: id,
    id,
    email,
    emailVerified: columns.flag('EmailConfirmed'),
    username: usernameBeside(email, columns.text('UserName')),
    phone: columns.text('PhoneNumber'),
    phoneVerified: columns.flag('PhoneNumberConfirmed'),
    ...aspnetPassword(columns.text('PasswordHash'), drop),
    disabled: isLockedOutForEver(columns),
    attributes: { roles: await rolesOf(row) },
    identities: await loginsOf(row),
    ...(await secondFactorOf(row)),
  }
}

/** Locks after wrong passwords last for minutes; what lies in another century is a ban. */
function isLockedOutForEver(columns: TableRow['columns']): boolean | undefined {
  const end = columns.text('LockoutEnd') ?? columns.text('LockoutEndDateUtc')
  if (columns.flag('LockoutEnabled') === false || !end) return undefined
  return Number(/^\d{4}/.exec(end)?.[0] ?? 0) >= 2100 || undefined
}

async function rolesOf({ joined }: TableRow): Promise<string[] | undefined> {
  const names = []
  for (const role of await joined('aspnetuserroles')) {
    const id = role.text('RoleId')
    const [named] = id ? await joined('aspnetroles', id) : []
    names.push(named?.text('Name') ?? id)
  }
  const roles = names.filter((name) => name !== undefined)
  return roles.length > 0 ? roles : undefined
}

async function loginsOf({ joined }: TableRow) {
  const logins = await joined('aspnetuserlogins')
  const identities = logins.flatMap((login) => {
    const provider = login.text('LoginProvider')
    const subject = login.text('ProviderKey')
    return provider && subject ? [{ provider: provider.toLowerCase(), subject }] : []
  })
  return identities.length > 0 ? identities : undefined
}

/** The default store keeps the key as soon as somebody looks at the page that shows it; it counts from `TwoFactorEnabled`. */
async function secondFactorOf({ columns, joined, drop }: TableRow) {
  const tokens = await joined('aspnetusertokens')
  const valueOf = (name: string) => tokens.find((token) => token.text('Name') === name)?.text('Value')
  const key = valueOf('AuthenticatorKey')
  if (!key) return {}
  if (!columns.flag('TwoFactorEnabled')) return drop('second factor: not in force')
  const totp = totpIn(key)
  if (!totp) return drop('second factor: no secret in base32')
  return { totp, recoveryCodes: valueOf('RecoveryCodes')?.split(';').filter(Boolean) }
}
