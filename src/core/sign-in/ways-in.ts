import type { RealmContext } from '../context.ts'
import { hasIdentity } from '../identities/links.ts'
import { hasPasskey } from '../passkeys/list.ts'

/**
 * Whether anything lets somebody in to an account: a password, here or on the server that was here before, a passkey that
 * is good here, or an identity of a provider that the realm has.
 */
export async function hasWayIn(ctx: RealmContext, accountId: string): Promise<boolean> {
  const account = await ctx.store.accounts.byId(accountId)
  if (account && (account.password_hash !== null || account.password_pending !== null)) return true
  return (await hasPasskey(ctx, accountId)) || hasIdentity(ctx, accountId)
}
