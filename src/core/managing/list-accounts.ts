import type { AccountRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'

/** Which page of all accounts is wanted. */
interface NumberedPage {
  /** From 1. */
  page: number
  perPage: number
  /** Text that their e-mail address, or their profile under a name, must hold in whatever case. */
  search?: { text: string; inProfile: string }
}

/** A page of a realm's accounts, the newest first, and how many there are in all that are found. */
export async function listManagedAccounts(
  { store }: RealmContext,
  { page, perPage, search }: NumberedPage,
): Promise<{ accounts: AccountRow[]; total: number }> {
  const isWanted = search === undefined ? undefined : finderOf(search)
  const skip = (page - 1) * perPage
  const { rows, total } = await store.lists.accountsByAge({ skip, max: perPage, isWanted })
  return { accounts: rows, total }
}

function finderOf(search: { text: string; inProfile: string }) {
  const text = search.text.toLowerCase()
  return ({ email, profile }: Pick<AccountRow, 'email' | 'profile'>): boolean => {
    if (email?.includes(text)) return true
    // Most have none, and reading a profile takes its time.
    const { inProfile } = search
    const value: unknown = profile.includes(inProfile) ? JSON.parse(profile)[inProfile] : undefined
    return typeof value === 'string' && value.toLowerCase().includes(text)
  }
}
