import type { AccountRow } from '../tables/table-format.ts'
import { ownedRows } from './django-user.ts'

/** A user's e-mail address, or else the primary one of django-allauth, which alone knows whether it is verified. */
export function emailOf(row: AccountRow): { email?: string; emailVerified?: boolean } {
  const known = ownedRows(row, 'account_emailaddress').map((address) => ({
    email: address.text('email'),
    isVerified: address.flag('verified') ?? false,
    isPrimary: address.flag('primary') ?? false,
  }))
  const email = row.columns.text('email') ?? known.find(({ isPrimary }) => isPrimary)?.email
  if (known.some((address) => !isSame(address.email, email))) row.drop('further e-mail addresses')
  if (!email) return {}
  const entry = known.find((address) => isSame(address.email, email))
  return { email, ...(entry && { emailVerified: entry.isVerified }) }
}

/** Whether allauth takes them for the same. */
function isSame(one: string | undefined, other: string | undefined): boolean {
  return one?.toLowerCase() === other?.toLowerCase()
}
