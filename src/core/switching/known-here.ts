import { findAccount } from '../accounts/find.ts'
import type { Identifier } from '../accounts/identifiers.ts'
import type { RealmContext } from '../context.ts'
import { isSameAccount } from './settle.ts'
import type { UpstreamProfile } from './upstream.ts'

/** What is here of somebody whom an old server knows. */
export type KnownHere =
  | 'unknown'
  | 'disabled'
  /** With an id that is not the old server's: nobody is let in by what that says. */
  | 'other_account'
  /** Waits for the old server of this door. */
  | 'pending'
  | 'pending_elsewhere'
  | 'own'
  | 'imported'
  | 'none'

/** What a first sign-in would find here for what the old server of that dialect says of somebody. */
export async function knownHere(
  ctx: RealmContext,
  { identifier, dialect, profile }: { identifier: Identifier; dialect: string; profile: UpstreamProfile },
): Promise<KnownHere> {
  const account = await findAccount(ctx, identifier)
  if (!account) return 'unknown'
  if (account.disabled_at !== null) return 'disabled'
  if (!(await isSameAccount(ctx, account, profile))) return 'other_account'
  if (account.password_hash !== null) return account.password_kind === null ? 'own' : 'imported'
  if (account.password_pending === null) return 'none'
  return account.password_pending === dialect ? 'pending' : 'pending_elsewhere'
}
