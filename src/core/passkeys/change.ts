import { notifyOwner } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { requireRecentProof } from '../self-service/recent-proof.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { hasWayIn } from '../sign-in/ways-in.ts'
import { nameInMail, readPasskeyName } from './names.ts'

/**
 * Gives a passkey of the caller another name. Throws `validation_failed` for a name that is none, `passkey_invalid` when
 * the caller has no such passkey.
 */
export function renamePasskey(
  ctx: Context,
  caller: Caller,
  { id, name: typed }: { id: string; name: string },
): Promise<string> {
  const name = readPasskeyName(typed)
  if (name === undefined) throw new AuthError('validation_failed')
  const accountId = caller.account.id
  return asCaller(ctx, caller, async (ctx) => {
    if (!(await ctx.store.passkeys.rename({ id, accountId }, name))) throw new AuthError('passkey_invalid')
    await recordEvent(ctx, 'passkey.renamed', { accountId, sessionId: caller.session.id })
    return name
  })
}

/**
 * Removes a passkey of the caller, and returns its name; unfinished sign-ins with it are void, and the owner is mailed.
 * Throws `recent_sign_in_needed`, `passkey_invalid` when the caller has no such passkey, `last_sign_in_method` for the
 * last one of an account that has no other way in.
 */
export function removePasskey(ctx: Context, caller: Caller, id: string): Promise<string> {
  requireRecentProof(ctx, caller)
  const accountId = caller.account.id
  return asCaller(ctx, caller, async (ctx) => {
    const removed = await ctx.store.passkeys.remove({ id, accountId })
    if (!removed) throw new AuthError('passkey_invalid')
    if (!(await hasWayIn(ctx, accountId))) throw new AuthError('last_sign_in_method')
    await ctx.store.tickets.consumeAll(accountId, ['login-code'], ctx.now())
    await recordEvent(ctx, 'passkey.removed', { accountId, sessionId: caller.session.id })
    await notifyOwner(ctx, accountId, 'passkey-removed', { passkey: nameInMail(removed.name) })
    return removed.name
  })
}
