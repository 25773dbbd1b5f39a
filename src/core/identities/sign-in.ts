import type { AccountRow } from '../../store/schema.ts'
import { recordRefusal } from '../audit/audit.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { permitSignIn } from '../hooks/before-sign-in.ts'
import { hasPasskey } from '../passkeys/list.ts'
import { findTrustedDevice } from '../self-service/trusted-devices.ts'
import type { OnAuthenticated } from '../sessions/open-session.ts'
import type { FirstProof } from '../sessions/proof-of-person.ts'
import { hasSecondFactor, issueChallenge } from '../sign-in/second-factor.ts'
import { recordSignIn, refuseUnverified, type SecondFactorNeeded } from '../sign-in/sign-in.ts'
import { ownerOf } from './links.ts'
import type { Identified, Identity } from './provider.ts'

/** How long ago somebody may have shown the provider who they are for it to count as shown just now. */
const freshMs = 5 * 60_000

/**
 * Signs in whoever a provider has identified, to whatever it is for; with a second factor, to its challenge, unless the
 * account trusts the browser. `undefined` where the identity belongs to no account. Throws `identity_refused` for a
 * disabled account, `email_unverified` where the door wants it, `challenge_invalid` when the identity was disconnected or the
 * password changed meanwhile, and what a hook refuses with.
 */
export async function signInByIdentity<T>(
  ctx: Context,
  { provider, identity, trustedSecrets }: Identified & { trustedSecrets: string[] },
  onAuthenticated: OnAuthenticated<T>,
): Promise<T | SecondFactorNeeded | undefined> {
  const named = { provider, subject: identity.subject }
  const accountId = await ownerOf(ctx, named)
  const known = accountId === undefined ? undefined : await ctx.store.accounts.byId(accountId)
  if (!known) return undefined
  if (known.disabled_at !== null) {
    await recordRefusal(ctx, 'sign_in', { accountId: known.id, detail: 'identity_provider' })
    throw new AuthError('identity_refused')
  }
  await refuseUnverified(ctx, known)
  const first: FirstProof = { first: 'identity_provider', isFresh: await isFresh(ctx, known, identity) }
  const isChallenged =
    (await hasSecondFactor(ctx, known.id)) && !(await findTrustedDevice(ctx, known.id, trustedSecrets))
  const permit = isChallenged ? undefined : await permitSignIn(ctx, known, first)
  return transaction(stopClock(ctx), async (ctx) => {
    await ctx.store.accounts.lock(known.id)
    if ((await ownerOf(ctx, named)) !== known.id) throw new AuthError('challenge_invalid')
    const isAsked = await hasSecondFactor(ctx, known.id)
    const trusted = isAsked ? await findTrustedDevice(ctx, known.id, trustedSecrets) : undefined
    if (!permit || (isAsked && !trusted)) return challenge(ctx, known, first)
    const account = await recordSignIn(ctx, known)
    if (!account) throw new AuthError('challenge_invalid')
    return onAuthenticated(ctx, account, {
      ...first,
      permit,
      ...(trusted && { trustedDeviceId: trusted.id }),
    })
  })
}

async function challenge(ctx: Context, account: AccountRow, first: FirstProof): Promise<SecondFactorNeeded> {
  const accountId = account.id
  await recordRefusal(ctx, 'sign_in', { accountId, detail: 'second_factor_needed' })
  return { isComplete: false, account, challenge: await issueChallenge(ctx, accountId, first) }
}

/**
 * Whether the person was there, and not only the browser that is signed in at the provider: who says nothing of that is
 * believed where the account has no other way in, as its person could show nothing else.
 */
async function isFresh(ctx: Context, account: AccountRow, { authenticatedAt }: Identity): Promise<boolean> {
  if (authenticatedAt !== undefined && ctx.now() - authenticatedAt <= freshMs) return true
  if (account.password_hash !== null || account.password_pending !== null) return false
  return !(await hasPasskey(ctx, account.id))
}
