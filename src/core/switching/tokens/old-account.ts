import type { AccountRow } from '../../../store/schema.ts'
import type { AnyContext, Context } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { troubleOf } from '../asking.ts'
import { UpstreamTrouble } from '../upstream.ts'
import type { DoorsOldTokens } from './old-tokens.ts'

/** What becomes of old tokens at the request's door; `undefined` where there are none, or not any more. */
export function oldTokensNow({ oldTokens, door, now }: Context): DoorsOldTokens | undefined {
  const old = oldTokens.get(door.dialect)
  return old && now() < old.until ? old : undefined
}

/** The account that the old server means by a name; `undefined` for none, and for a name that is of several. */
export async function accountIdOf(
  { store }: AnyContext,
  { sources }: DoorsOldTokens,
  subject: string,
): Promise<string | undefined> {
  const links = await store.legacyLinks.find(sources.map((source) => ({ source, source_id: subject })))
  const [id, ...others] = new Set(links.map(({ account_id }) => account_id))
  return others.length === 0 ? id : undefined
}

/**
 * Locks the account of a token, so that whoever ends its sessions comes before or after. `undefined` where it is disabled
 * or gone, or all its sessions were ended since the token was made.
 */
export async function lockOwner(
  ctx: Context,
  { accountId, issuedAt }: { accountId: string; issuedAt: number },
): Promise<AccountRow | undefined> {
  const account = await ctx.store.accounts.lock(accountId)
  if (!account || account.disabled_at !== null) return undefined
  const endedAt = await ctx.store.legacySessions.endedAt(accountId, ctx.door.dialect)
  // A token is made at a whole second.
  return endedAt !== undefined && endedAt >= issuedAt ? undefined : account
}

/** Does what needs the old server. Throws `unavailable` where that cannot be asked. */
export async function reaching<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof UpstreamTrouble ? (troubleOf(error.answer) ?? new AuthError('unavailable')) : error
  }
}
