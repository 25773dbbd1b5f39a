import { notifyOwner } from '../accounts/notify-owner.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Context, RealmContext } from '../context.ts'
import type { IdentityProvider } from './provider.ts'
import { sourceOf } from './providers.ts'

interface Subject {
  provider: IdentityProvider
  subject: string
}

/** The id of the account that an identity belongs to. */
export async function ownerOf(
  ctx: RealmContext,
  { provider, subject }: Subject,
): Promise<string | undefined> {
  const [link] = await ctx.store.legacyLinks.find([{ source: sourceOf(provider), source_id: subject }])
  return link?.account_id
}

/**
 * Has an identity sign its person in to an account from now on, and notifies the owner; `false` when it belongs to an
 * account. Part of a transaction that holds the account's row.
 */
export async function linkIdentity(ctx: Context, accountId: string, identity: Subject): Promise<boolean> {
  if (!(await addIdentity(ctx, accountId, identity))) return false
  await notifyOwner(ctx, accountId, 'identity-connected', { provider: identity.provider.name })
  return true
}

/**
 * Has an identity sign its person in to an account from now on and notifies nobody, as the account has begun with it; `false`
 * when it belongs to an account. Part of a transaction that holds the account's row.
 */
export async function addIdentity(
  ctx: Context,
  accountId: string,
  { provider, subject }: Subject,
): Promise<boolean> {
  const link = { source: sourceOf(provider), source_id: subject, account_id: accountId }
  const ofNoRun = { run_id: null, created_account: 0, place: null, linked_at: ctx.now() }
  if ((await ctx.store.legacyLinks.add([{ ...link, ...ofNoRun }])) === 0) return false
  await recordEvent(ctx, 'identity.connected', { accountId, detail: provider.id })
  return true
}

/** Whether somebody may sign in to an account with one of the providers of the realm. */
export async function hasIdentity(ctx: RealmContext, accountId: string): Promise<boolean> {
  if (ctx.identityProviders.size === 0) return false
  const sources = new Set([...ctx.identityProviders.values()].map(sourceOf))
  return (await ctx.store.legacyLinks.listOf(accountId)).some(({ source }) => sources.has(source))
}
