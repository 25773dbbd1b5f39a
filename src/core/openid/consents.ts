import { recordEvent } from '../audit/audit.ts'
import { type Context, type RealmContext, transaction } from '../context.ts'

/**
 * What a person has allowed a client: its scopes, those of a resource as `resource scope`; `undefined` where they have
 * allowed it nothing.
 */
export async function findConsent(
  { store }: Pick<RealmContext, 'store'>,
  accountId: string,
  clientId: string,
): Promise<Set<string> | undefined> {
  const row = await store.openidConsents.byKey({ account_id: accountId, client_id: clientId })
  return row && new Set<string>(JSON.parse(row.scopes))
}

/** Keeps that a person allows the client of the context these scopes, beside what they have allowed it before. */
export function addConsent(ctx: Context, accountId: string, scopes: string[]): Promise<void> {
  return transaction(ctx, async (ctx) => {
    await ctx.store.accounts.lock(accountId)
    const before = await findConsent(ctx, accountId, ctx.client.id)
    const all = [...new Set([...(before ?? []), ...scopes])]
    await ctx.store.openidConsents.put({
      account_id: accountId,
      client_id: ctx.client.id,
      scopes: JSON.stringify(all),
      granted_at: ctx.now(),
    })
    await recordEvent(ctx, 'consent.given', { accountId, detail: scopes.join(' ').slice(0, 200) })
  })
}

/** How a consent names the scope of a resource. */
export function resourceItem(resource: string, scope: string): string {
  return `${resource} ${scope}`
}

/** How a consent names a claim that was asked for by itself (OpenID Connect Core §5.5). */
export function claimItem(claim: string): string {
  return `claim ${claim}`
}

/** One thing that a person has allowed: a scope, the scope of a resource, or a claim by itself. */
export type Allowed = { scope: string; resource?: string } | { claim: string }

/** What an item of a consent means: `scope`, `resource scope` or `claim name`; no scope and no resource has a blank. */
export function readAllowed(item: string): Allowed {
  const [first = '', second] = item.split(' ')
  if (second === undefined) return { scope: first }
  return first === 'claim' ? { claim: second } : { resource: first, scope: second }
}
