import type { AccountRow } from '../tables/table-format.ts'

/**
 * What is known of a `PasswordHash` of ASP.NET Identity: base64 of its own, another kind that an application has put there,
 * or a hash of the Membership with format and salt behind bars, as the way that Microsoft once described brings it over.
 */
export function aspnetPassword(hash: string | undefined, drop: AccountRow['drop']) {
  if (!hash) return {}
  const [password = '', format, salt, ...more] = hash.split('|')
  if (format !== undefined && more.length === 0) return membershipPassword(password, format, salt, drop)
  return /^[A-Za-z0-9+/]+={0,2}$/.test(hash)
    ? { password: { kind: 'aspnet-identity', hash } }
    : { passwordHash: hash }
}

/** What is known of a password of the Membership by its format: 0 in the clear, 1 hashed, 2 encrypted. */
export function membershipPassword(
  hash: string | undefined,
  format: string | undefined,
  salt: string | undefined,
  drop: AccountRow['drop'],
) {
  if (!hash) return {}
  if (format === '0') return drop('password: kept in the clear')
  if (format === '2') return drop('password: encrypted by the machine key')
  return { password: { kind: 'aspnet-membership', hash, salt: salt ?? '' } }
}
