import type { AccountRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import { foldEmail } from './emails.ts'
import { type Identifier, identifierKey } from './identifiers.ts'

/** The account of that name. */
export async function findAccount(
  { store: { accounts } }: RealmContext,
  identifier: Identifier,
): Promise<AccountRow | undefined> {
  // Nobody has this, and a database may refuse to look for it.
  if (identifierKey(identifier).includes('\0')) return undefined
  if ('email' in identifier) return accounts.byEmail(foldEmail(identifier.email))
  return 'phone' in identifier ? accounts.byPhone(identifier.phone) : accounts.byUsername(identifier.username)
}

/** What the accounts of these ids are called, by their ids; those that are gone are left out. */
export async function accountNames({ store }: RealmContext, ids: string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)]
  const accounts = wanted.length === 0 ? [] : await store.accounts.byIds(wanted)
  return new Map(accounts.map(({ id, email, username, phone }) => [id, email ?? username ?? phone ?? id]))
}
