import type { AccountRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import type { Profile } from './sign-up.ts'

/** A text of an account's profile; `null` where there is none, or something else that another system has put there. */
export function profileText({ profile }: Pick<AccountRow, 'profile'>, name: string): string | null {
  const value: unknown = JSON.parse(profile)[name]
  return typeof value === 'string' ? value : null
}

/**
 * Changes what the caller's profile says under these names, and leaves the others. Throws `rate_limited`, and
 * `access_invalid` when the caller's session has ended meanwhile.
 */
export async function changeProfile(ctx: Context, caller: Caller, changes: Profile): Promise<void> {
  const { account, session } = caller
  await ctx.limiter.consume(limits.profilePerAccount, account.id)
  return asCaller(ctx, caller, async (ctx) => {
    // Of the row that is locked now: another request may have changed it since the caller was read.
    const current = await ctx.store.accounts.byId(account.id)
    const profile = { ...JSON.parse(current?.profile ?? '{}'), ...changes }
    await ctx.store.accounts.setProfile(account.id, profile, ctx.now())
    const detail = Object.keys(changes).join(' ')
    await recordEvent(ctx, 'profile.changed', { accountId: account.id, sessionId: session.id, detail })
  })
}
