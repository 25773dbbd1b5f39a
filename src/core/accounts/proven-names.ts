import type { AccountRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'

/** A name of an account that a message can prove. */
export type ProvableName = 'email' | 'phone'

/** Whether anything shows that the account belongs to whom its names belong to. */
export function isProven({
  email_verified_at,
  phone_verified_at,
}: Pick<AccountRow, 'email_verified_at' | 'phone_verified_at'>): boolean {
  return email_verified_at !== null || phone_verified_at !== null
}

/** Of an account that was opened for its person, which nobody has been in: there is nothing to take away. */
export function isUntouched({ password_hash, password_pending, last_sign_in_at }: AccountRow): boolean {
  return password_hash === null && password_pending === null && last_sign_in_at === null
}

/** Whether a link or a code that is sent to this name of the account may set a new password; not while it is disabled. */
export function mayRecover({ realm }: RealmContext, account: AccountRow, name: ProvableName): boolean {
  if (account[name] === null || account.disabled_at !== null) return false
  if (account[`${name}_verified_at`] !== null || realm.unprovenRecovery === 'always') return true
  return realm.unprovenRecovery === 'first' && !isProven(account)
}

type Named = Pick<AccountRow, 'email' | 'email_verified_at' | 'phone' | 'phone_verified_at'>

/**
 * The account with those names alone that are its own as far as anybody knows: not with an address or a number that
 * nobody has proven, where another name has been.
 */
export function withOwnNames<Account extends Named>(account: Account): Account {
  const isOwn = (name: ProvableName) => !isProven(account) || account[`${name}_verified_at`] !== null
  return {
    ...account,
    email: isOwn('email') ? account.email : null,
    phone: isOwn('phone') ? account.phone : null,
  }
}
