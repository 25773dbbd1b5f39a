import type { AccountRow } from '../store/schema.ts'
import { recordEvent } from './audit.ts'
import { type Context, stopClock, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import { hasSecondFactor } from './second-factor.ts'
import { openSignedIn, type Proof, type SignedIn } from './sign-in.ts'

/**
 * Lets in whoever has just set the password of an account, in the transaction that set it. `undefined`, and
 * no session, where a second factor is asked for: recovery does not stand in for it (ASVS 6.4.3). Throws
 * `credentials_invalid` when the account has another password, or none.
 */
export function admitOwner(ctx: Context, owner: AccountRow): Promise<SignedIn | undefined> {
  return admit(ctx, owner, 'password_reset')
}

/**
 * Lets in whoever has just opened an account, in a transaction of its own. `undefined`, and no session, where a second
 * factor is asked for. Throws `credentials_invalid` when the account has another password by now, or none.
 */
export function admitNewOwner(ctx: Context, owner: AccountRow): Promise<SignedIn | undefined> {
  return transaction(stopClock(ctx), (ctx) => admit(ctx, owner, 'sign_up'))
}

async function admit(ctx: Context, owner: AccountRow, first: Proof['first']): Promise<SignedIn | undefined> {
  const { id } = owner
  if (await hasSecondFactor(ctx, id)) {
    await recordEvent(ctx, 'sign_in', { outcome: 'refused', accountId: id, detail: 'second_factor_needed' })
    return undefined
  }
  const account = await ctx.store.accounts.signIn(owner, ctx.now())
  if (!account) throw new AuthError('credentials_invalid')
  return openSignedIn(ctx, account, { first })
}
