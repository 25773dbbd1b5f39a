import type { AccountRow } from '../../store/schema.ts'
import { eraseAccount } from '../accounts/erasure.ts'
import { identifierKey, identifierKeysOf, readIdentifier } from '../accounts/identifiers.ts'
import { notifyOwner } from '../accounts/notify-owner.ts'
import { readPhone } from '../accounts/phones.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type Context, type RealmContext, stopClock, transaction } from '../context.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { atAccountDoor } from './account-door.ts'
import { requireRecentProof } from './recent-proof.ts'

const hourMs = 60 * 60_000
const dayMs = 24 * hourMs

/** How long an account goes on as before until it is deleted. */
const deletionDelayMs = 7 * dayMs
/** A deletion that is late by more than this was missed: no server ran, or the database came out of a backup. */
const missedAfterMs = dayMs
/** How long an owner has then to keep the account, once more. */
const putOffMs = 2 * dayMs
/** A node that has not deleted an account in so long has stopped. */
const abandonedAfterMs = hourMs

const batch = 20

/** Whether a person has typed a name of the account: its e-mail address, user name or phone number. */
export function isNameOf(account: AccountRow, typed: string): boolean {
  const phone = readPhone(typed)
  const meant = [readIdentifier(typed), ...(phone === undefined ? [] : [{ phone }])]
  const keys = identifierKeysOf(account)
  return meant.some((identifier) => keys.includes(identifierKey(identifier)))
}

/**
 * Has the caller's account deleted in seven days; until then it works as before, and its owner is mailed how to keep it.
 * Does nothing where that was asked for already. Throws `recent_sign_in_needed`, `rate_limited`, and `access_invalid`
 * when the caller's session has ended meanwhile.
 */
export async function beginDeletion(ctx: Context, caller: Caller): Promise<void> {
  requireRecentProof(ctx, caller)
  const { account, session } = caller
  await ctx.limiter.consume(limits.deletionsPerAccount, account.id)
  return asCaller(ctx, caller, async (ctx) => {
    const dueAt = ctx.now() + deletionDelayMs
    if (!(await ctx.store.accounts.beginDeletion(account.id, dueAt, ctx.now()))) return
    await recordEvent(ctx, 'account.deletion_begun', { accountId: account.id, sessionId: session.id })
    await notifyOwner(ctx, account.id, 'deletion-begun', { dueAt: String(dueAt) })
  })
}

/**
 * Keeps the caller's account after all. Needs no proof of who is there, as it opens nothing. Returns whether there was
 * a deletion to stop. Throws `access_invalid` when the caller's session has ended meanwhile.
 */
export function stopDeletion(ctx: Context, caller: Caller): Promise<boolean> {
  const { account, session } = caller
  return asCaller(ctx, caller, (ctx) => keepAccount(ctx, account.id, session.id))
}

/** Keeps an account on an operator's word; its owner is mailed. Returns whether there was a deletion to stop. */
export function stopDeletionByHand(ctx: RealmContext, accountId: string): Promise<boolean> {
  return transaction(stopClock(atAccountDoor(ctx)), (ctx) => keepAccount(ctx, accountId))
}

async function keepAccount(
  ctx: RealmContext & Pick<Context, 'client'> & Pick<AnyContext, 'origin'>,
  accountId: string,
  sessionId?: string,
): Promise<boolean> {
  if (!(await ctx.store.accounts.stopDeletion(accountId, ctx.now()))) return false
  await recordEvent(ctx, 'account.deletion_stopped', { accountId, sessionId })
  await notifyOwner(ctx, accountId, 'deletion-stopped')
  return true
}

/**
 * Deletes the accounts whose owners' seven days are over, one at a step. Any number of nodes may do it at once. Those
 * that are late by more than a day are put off by two days and their owners mailed again: what a backup brings back may
 * have been kept since it was made.
 */
export async function* eraseDueAccounts(ctx: RealmContext): AsyncGenerator<void> {
  if (!(await ctx.store.accounts.isDeletionDue(ctx.now()))) return
  while ((await putOffMissed(ctx)) === batch) yield
  for (;;) {
    const now = ctx.now()
    // One by one: what a node has claimed when it stops waits for an hour.
    const [claimed] = await ctx.store.accounts.claimDeletions({
      now,
      missedBefore: now - missedAfterMs,
      abandonedBefore: now - abandonedAfterMs,
      max: 1,
    })
    if (!claimed) return
    await eraseAccount(ctx, claimed.id)
    yield
  }
}

/** Puts off a batch of deletions that were missed, and returns how many. */
function putOffMissed(ctx: RealmContext): Promise<number> {
  return transaction(stopClock(atAccountDoor(ctx)), async (ctx) => {
    const now = ctx.now()
    const dueAt = now + putOffMs
    const before = now - missedAfterMs
    const missed = await ctx.store.accounts.putOffDeletions({ before, max: batch }, { dueAt, now })
    for (const { id } of missed) {
      await recordEvent(ctx, 'account.deletion_begun', { accountId: id, detail: 'put_off' })
      await notifyOwner(ctx, id, 'deletion-begun', { dueAt: String(dueAt) })
    }
    return missed.length
  })
}
