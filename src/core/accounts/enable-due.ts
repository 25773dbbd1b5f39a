import { recordEvent } from '../audit/audit.ts'
import { type RealmContext, stopClock, transaction } from '../context.ts'

const batch = 100

/** Enables the accounts that were disabled until now, a batch at a step; any number of nodes may do it at once. */
export async function* enableDueAccounts(ctx: RealmContext): AsyncGenerator<void> {
  while (await ctx.store.accounts.isEnablingDue(ctx.now())) {
    await transaction(stopClock(ctx), async (ctx) => {
      for (const { id: accountId } of await ctx.store.accounts.enableDue(ctx.now(), batch))
        await recordEvent(ctx, 'account.enabled', { accountId, detail: 'time_over' })
    })
    yield
  }
}
