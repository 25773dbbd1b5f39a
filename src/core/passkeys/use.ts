import { notifyOwner } from '../accounts/notify-owner.ts'
import { recordRefusal } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import type { Assertion } from './assertions.ts'
import { nameInMail } from './names.ts'

/** How often an owner is told of the same passkey at most. */
const tellEveryMs = 86_400_000

/**
 * Notes that a passkey was used; says whether it may be. With a counter that was used before it may have been copied
 * (WebAuthn §7.2): then the owner is told. Part of a transaction that holds the account's row, to be kept either way.
 */
export async function notePasskeyUse(
  ctx: Context,
  { passkey, counter, isBackedUp }: Assertion,
): Promise<boolean> {
  const now = ctx.now()
  const { id, account_id: accountId } = passkey
  if (await ctx.store.passkeys.noteUse({ id, counter, isBackedUp }, now)) return true
  // One that was removed meanwhile is no copy.
  const suspected = await ctx.store.passkeys.suspect(id, { since: now - tellEveryMs, now })
  if (!suspected) return false
  await recordRefusal(ctx, 'passkey.clone_suspected', { accountId })
  await notifyOwner(ctx, accountId, 'passkey-clone-suspected', { passkey: nameInMail(suspected.name) })
  return false
}
