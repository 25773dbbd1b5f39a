/** What back ends of apps do with accounts, by a service key. */

export { accountWithId } from '../../core/accounts/admin.ts'
export { eraseAccount } from '../../core/accounts/erasure.ts'
export { makeEmailChangeLink } from '../../core/mailed-email-change/by-hand.ts'
export { type MadeLink, makeSignInLink } from '../../core/mailed-sign-in/by-hand.ts'
export { invite } from '../../core/mailed-sign-in/invite.ts'
export { changeManagedAccount } from '../../core/managing/change-account.ts'
export { createManagedAccount } from '../../core/managing/create-account.ts'
export { listManagedAccounts } from '../../core/managing/list-accounts.ts'
export { requireServiceKey } from '../../http/service-keys.ts'
