import { notifyOwner } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { limits } from '../limits/limits.ts'
import { requireRecentProof } from '../self-service/recent-proof.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { hasWayIn } from '../sign-in/ways-in.ts'
import { linkIdentity, ownerOf } from './links.ts'
import type { Identified, IdentityProvider } from './provider.ts'
import { providerOf, sourceOf } from './providers.ts'

/** A provider of the realm, and since when the caller can sign in with it, in epoch milliseconds. */
export interface OwnIdentity {
  provider: IdentityProvider
  since: number | undefined
}

/** The providers of the realm, in the order of its settings. */
export async function listIdentities(ctx: Context, { account }: Caller): Promise<OwnIdentity[]> {
  const links = await ctx.store.legacyLinks.listOf(account.id)
  return [...ctx.identityProviders.values()].map((provider) => ({
    provider,
    since: links.find(({ source }) => source === sourceOf(provider))?.linked_at,
  }))
}

/**
 * Has whoever a provider has identified sign in to the caller's account from now on; the owner is mailed. `false` where it
 * was so before. Throws `recent_sign_in_needed`, `identity_taken` when the identity belongs to another account, or the
 * account has another one of the provider; `rate_limited`.
 */
export async function connectIdentity(
  ctx: Context,
  caller: Caller,
  { provider, identity: { subject } }: Identified,
): Promise<boolean> {
  requireRecentProof(ctx, caller)
  const accountId = caller.account.id
  await ctx.limiter.consume(limits.waysInPerAccount, accountId)
  return asCaller(ctx, caller, async (ctx) => {
    const owner = await ownerOf(ctx, { provider, subject })
    if (owner === accountId) return false
    const links = await ctx.store.legacyLinks.listOf(accountId)
    if (owner !== undefined || links.some(({ source }) => source === sourceOf(provider)))
      throw new AuthError('identity_taken')
    if (!(await linkIdentity(ctx, accountId, { provider, subject }))) throw new AuthError('identity_taken')
    return true
  })
}

/**
 * Has nobody sign in to the caller's account with that provider any more; unfinished sign-ins are void, and the owner is
 * mailed. Returns the provider. Throws `recent_sign_in_needed`, `last_sign_in_method`, `route_not_found` where there is no
 * such provider or none is connected.
 */
export function disconnectIdentity(
  ctx: Context,
  caller: Caller,
  providerId: string,
): Promise<IdentityProvider> {
  requireRecentProof(ctx, caller)
  const provider = providerOf(ctx, providerId)
  const accountId = caller.account.id
  return asCaller(ctx, caller, async (ctx) => {
    const removed = await ctx.store.waysIn.removeIdentities(accountId, sourceOf(provider))
    if (removed === 0) throw new AuthError('route_not_found')
    if (!(await hasWayIn(ctx, accountId))) throw new AuthError('last_sign_in_method')
    await ctx.store.tickets.consumeAll(accountId, ['login-code', 'second-factor'], ctx.now())
    const entry = { accountId, sessionId: caller.session.id, detail: provider.id }
    await recordEvent(ctx, 'identity.disconnected', entry)
    await notifyOwner(ctx, accountId, 'identity-disconnected', { provider: provider.name })
    return provider
  })
}
