import { recordEvent } from '../audit/audit.ts'
import { type RealmContext, stopClock, transaction } from '../context.ts'

/** Accounts that are changed in one transaction: a few milliseconds, in which nobody else writes on SQLite. */
const batch = 1_000

/**
 * Has nobody wait for the old server of that dialect any more: pending accounts are left without a password, and their
 * owners set one by mail. A sign-in at the same time either comes first, and settles its account, or finds it so. Returns
 * how many accounts these were; after any end it can be done again.
 */
export async function finishSwitching(ctx: RealmContext, dialect: string): Promise<number> {
  let total = 0
  let count: number
  do {
    count = await transaction(stopClock(ctx), async (ctx) => {
      const ended = await ctx.store.switching.endPending(dialect, ctx.now(), batch)
      if (ended > 0) await recordEvent(ctx, 'switching.finished', { detail: `${dialect} ${ended}` })
      return ended
    })
    total += count
  } while (count > 0)
  return total
}
