import { mayRecover } from '../accounts/proven-names.ts'
import { claimEmail } from '../accounts/take-over.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { permitSignIn } from '../hooks/before-sign-in.ts'
import { permitSignUp } from '../hooks/before-sign-up.ts'
import { consumePerIp } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { profileNames } from '../self-service/change-profile.ts'
import type { OnAuthenticated } from '../sessions/open-session.ts'
import { recordSignIn } from '../sign-in/sign-in.ts'
import { addIdentity } from './links.ts'
import { consumePending, findPending } from './pending.ts'

/**
 * Whether whoever has proven an address at a provider may have an account with it here: where people may sign up, and
 * where an account has the address that nobody has proven and that a mail to it would give them, too.
 */
export async function maySignUpWith(
  ctx: Context,
  email: string,
  signUps: 'open' | 'closed',
): Promise<boolean> {
  const holder = await ctx.store.accounts.byEmail(email)
  if (holder?.email_verified_at != null) return false
  return signUps === 'open' || (holder !== undefined && mayRecover(ctx, holder, 'email'))
}

/**
 * Opens an account for whoever a provider has identified in a login, without a password; an unproven one that has the
 * address becomes theirs (`claimEmail`). Throws `challenge_invalid` where nothing is kept for the login, `email_taken`,
 * `identity_taken`, `rate_limited`, and what a hook refuses with.
 */
export async function signUpByIdentity<T>(
  ctx: Context,
  { loginId, signUps }: { loginId: string; signUps: 'open' | 'closed' },
  onAuthenticated: OnAuthenticated<T>,
): Promise<T> {
  await consumePerIp(ctx, [{ rule: limits.signUpsPerIp }])
  const pending = await findPending(ctx, loginId)
  if (!pending || pending.accountId !== null) throw new AuthError('challenge_invalid')
  const { email, name } = pending
  if (!(await maySignUpWith(ctx, email, signUps))) throw new AuthError('email_taken')
  await permitSignUp(ctx, { email, isEmailProven: true })
  const permit = await permitSignIn(ctx, { email }, { first: 'identity_provider' })
  const [nameField] = profileNames
  const profile = name === undefined ? {} : { profile: { [nameField]: name } }
  return transaction(stopClock(ctx), async (ctx) => {
    if (!(await consumePending(ctx, pending))) throw new AuthError('challenge_invalid')
    const claim = { email, passwordHash: null, ...profile, brand: ctx.client.brand }
    const account = await claimEmail(ctx, claim)
    if (!account) throw new AuthError('email_taken')
    if (!(await addIdentity(ctx, account.id, pending))) throw new AuthError('identity_taken')
    const signedIn = await recordSignIn(ctx, account)
    if (!signedIn) throw new AuthError('challenge_invalid')
    return onAuthenticated(ctx, signedIn, { first: 'identity_provider', isFresh: true, permit })
  })
}
