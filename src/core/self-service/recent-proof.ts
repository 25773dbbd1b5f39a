import { recordEvent } from '../audit/audit.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { Caller } from '../sessions/sessions.ts'

/** How long a proof of who is there opens what changes the ways into an account. */
const proofLifetimeMs = 10 * 60_000

/** Whether the person has shown who they are within the last ten minutes, and not only their browser. */
export function hasRecentProof(ctx: Pick<Context, 'now'>, { session }: Caller): boolean {
  return session.proven_at !== null && ctx.now() - session.proven_at <= proofLifetimeMs
}

/**
 * Guards what changes the ways into an account: whoever has found an open browser stops here. Throws
 * `recent_sign_in_needed`.
 */
export function requireRecentProof(ctx: Pick<Context, 'now'>, caller: Caller): void {
  if (!hasRecentProof(ctx, caller)) throw new AuthError('recent_sign_in_needed')
}

/**
 * Keeps with a session that its person has shown just now who they are; `how` goes into the audit trail. Part of a
 * transaction that holds the account's row.
 */
export async function noteProof(ctx: Context, { account, session }: Caller, how: string): Promise<void> {
  await ctx.store.sessions.noteShown(session.id, { proven_at: ctx.now() })
  const entry = { accountId: account.id, sessionId: session.id, detail: how }
  await recordEvent(ctx, 'identity.proven', entry)
}
