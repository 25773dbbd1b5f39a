import type { AccountRow, SessionRow } from '../store/schema.ts'
import { recordEvent } from './audit.ts'
import { type Context, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import { checkCredentials } from './passwords.ts'
import { openSession } from './sessions.ts'
import { issueTokens, type Tokens } from './tokens.ts'

export interface SignedIn {
  account: AccountRow
  session: SessionRow
  tokens: Tokens
}

/**
 * Opens a session for the right password. Throws `credentials_invalid`, `rate_limited`, `overloaded`, and where the
 * door wants it `email_unverified`, which only one who knows the password gets to see.
 */
export async function signIn(ctx: Context, input: { email: string; password: string }): Promise<SignedIn> {
  const known = await checkCredentials(ctx, input)
  if (ctx.door.requiresVerifiedEmail && known.email_verified_at === null) {
    await recordEvent(ctx, 'sign_in', { outcome: 'refused', accountId: known.id, detail: 'email_unverified' })
    throw new AuthError('email_unverified')
  }
  const checkedHash = known.password_hash
  const hash = ctx.hasher.isOutdated(checkedHash) ? await ctx.hasher.hash(input.password) : checkedHash

  return transaction(ctx, async (ctx) => {
    const account = await ctx.store.accounts.signIn(known.id, { checkedHash, hash }, ctx.now())
    if (!account) throw new AuthError('credentials_invalid')
    const session = await openSession(ctx, account.id)
    await recordEvent(ctx, 'sign_in', { outcome: 'success', accountId: account.id, sessionId: session.id })
    return { account, session, tokens: issueTokens(ctx, session, account) }
  })
}
