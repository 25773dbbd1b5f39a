import { recordEvent } from '../audit/audit.ts'
import type { Brand } from '../clients/client.ts'
import { type AnyContext, type Context, type RealmContext, stopClock, transaction } from '../context.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { requireShownFactor } from '../sign-in/second-factor.ts'
import { followChange, followRemoval } from '../sign-in/second-factor-changes.ts'
import { removeFactor } from '../sign-in/second-factor-enrolment.ts'
import { type Factor, factorOf, type Held, heldById, type InForce, inForceBy, putFirst } from './held.ts'

/**
 * Removes one of the caller's authenticators. When it was in force, every other session ends and the owner is notified; with
 * the last one the recovery codes go, and the session is one that has shown the password alone. Throws
 * `second_factor_needed` for a session that has not shown what is in force, `second_factor_not_pending` when the account has
 * none with that id, and `access_invalid` when the session has ended meanwhile.
 */
export async function removeOwnFactor(ctx: Context, caller: Caller, factorId: string): Promise<void> {
  await requireShownFactor(ctx, caller)
  await removeHeld(ctx, caller, factorId)
}

/** Removes one as `removeOwnFactor` does, of a caller who has shown otherwise who they are, and returns what it was. */
export function removeHeld(
  ctx: Context,
  caller: Caller,
  factorId: string,
): Promise<{ removed: Factor; othersLeft: boolean }> {
  const { id: accountId } = caller.account
  return asCaller(ctx, caller, async (ctx) => {
    const { removed, wasInForce, othersLeft } = await takeAway(ctx, accountId, factorId)
    if (!wasInForce) return { removed, othersLeft }
    if (!othersLeft) await ctx.store.sessions.noteShown(caller.session.id, { second_factor_at: null })
    await recordEvent(ctx, 'second_factor.disabled', { accountId, sessionId: caller.session.id })
    await followChange(ctx, caller, 'second-factor-removed-mail', { othersLeft })
    return { removed, othersLeft }
  })
}

/**
 * Removes an authenticator on an operator's word and returns what it was; when it was in force, every session ends and the
 * owner is notified. The reason is kept in the audit trail. Throws `second_factor_not_pending` when the account has none with
 * that id.
 */
export function removeFactorByHand(
  ctx: AnyContext,
  { accountId, factorId }: { accountId: string; factorId: string },
  { reason, brand }: { reason: string; brand: Brand },
): Promise<Factor> {
  return transaction(stopClock(ctx), async (ctx) => {
    await ctx.store.accounts.lock(accountId)
    const { removed, wasInForce, othersLeft } = await takeAway(ctx, accountId, factorId)
    await recordEvent(ctx, 'second_factor.removed', { accountId, detail: reason })
    if (wasInForce) await followRemoval(ctx, accountId, { brand, othersLeft })
    return factorOf(removed)
  })
}

/** Part of a transaction that holds the account's row. */
async function takeAway(
  ctx: RealmContext,
  accountId: string,
  factorId: string,
): Promise<{ removed: Held; wasInForce: boolean; othersLeft: boolean }> {
  const removed = await heldById(ctx, accountId, factorId)
  const next = (await inForceBy(ctx, accountId)).find(({ id }) => id !== factorId)
  const wasInForce = removed.confirmedAt !== null
  if (!removed.isFirst) await ctx.store.authenticators.remove(factorId)
  else if (!next) await removeFactor(ctx, accountId)
  else await putInPlace(ctx, accountId, next)
  return { removed, wasInForce, othersLeft: next !== undefined }
}

/** Has an authenticator be the first of its account in the place of the one that is. */
async function putInPlace(ctx: RealmContext, accountId: string, next: InForce): Promise<void> {
  await ctx.store.totp.remove(accountId)
  const moved = await ctx.store.authenticators.remove(next.id)
  await putFirst(ctx, next, moved?.last_step ?? null)
}
