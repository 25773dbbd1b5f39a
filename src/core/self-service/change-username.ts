import { notifyOwner } from '../accounts/notify-owner.ts'
import { usernameProblem } from '../accounts/usernames.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { countProbe } from '../limits/existence-probes.ts'
import { limits } from '../limits/limits.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { mailText } from '../text/mail-text.ts'
import { requireRecentProof } from './recent-proof.ts'

/** In characters: what every door takes that has user names of its own. */
export const usernameLength = { min: 2, max: 50 }

/**
 * Gives the caller's account another user name, and mails the owner. Of two who want one name at once one gets it.
 * Throws `recent_sign_in_needed`, `validation_failed` for a name that cannot be one, `username_taken`, `rate_limited`,
 * and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function changeUsername(ctx: Context, caller: Caller, typed: string): Promise<void> {
  requireRecentProof(ctx, caller)
  const { account, session } = caller
  const username = typed.trim()
  if (!isUsername(username)) throw new AuthError('validation_failed')
  if (username === account.username) return
  await ctx.limiter.consume(limits.waysInPerAccount, account.id)
  await countProbe(ctx, () =>
    asCaller(ctx, caller, async (ctx) => {
      const changed = await ctx.store.accounts.setUsername(account.id, username, ctx.now())
      if (!changed) throw new AuthError('username_taken')
      await recordEvent(ctx, 'username.changed', { accountId: account.id, sessionId: session.id })
      await notifyOwner(ctx, account.id, 'username-changed', { username: mailText(username) ?? '…' })
    }),
  )
}

function isUsername(name: string): boolean {
  const isOfLength = name.length >= usernameLength.min && name.length <= usernameLength.max
  return isOfLength && !name.includes('@') && usernameProblem(name) === undefined
}
