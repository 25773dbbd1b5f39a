import type { AccountRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { findAccount } from '../accounts/find.ts'
import { recordEvent } from '../audit/audit.ts'
import { type RequestContext, stopClock, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { hashPassword, isRightPassword } from '../passwords/forms.ts'
import { hasSecondFactor } from '../sign-in/second-factor.ts'
import { unavailable } from './asking.ts'
import { createKnown } from './create-known.ts'
import { namesIn } from './profile-names.ts'
import type { RightPassword, UpstreamProfile } from './upstream.ts'
import type { Judged, Verdict } from './verdict.ts'

/**
 * Keeps a hash of a password that the old server has found right, so that it is not asked for this account again. Of
 * several at once one is kept, and a password that was set here meanwhile stays. Nobody is let in without the second
 * factor that the old server wants: where that is not known here, it is `second_factor_needed`. Nor into an account that
 * has an id elsewhere while the old server does not say whom it means: `unavailable`. Throws `overloaded`.
 */
export async function settle(ctx: RequestContext, judged: Judged, answer: RightPassword): Promise<Verdict> {
  const { account, password } = judged
  if (account && !(await isSameAccount(ctx, account, answer))) return {}
  if (account && answer.isProfileMissing && (await namesElsewhere(ctx, account)).length > 0)
    return { refusal: unavailable() }
  if (answer.secondFactor && !(account && (await hasSecondFactor(ctx, account.id))))
    return { refusal: new AuthError('second_factor_needed') }
  // Slow, so before the transaction.
  const hash = await hashPassword(ctx, password)
  const { profile, isUnconfirmed } = answer
  if (!account && isUnconfirmed && ctx.door?.requiresVerifiedEmail)
    return { refusal: new AuthError('email_unverified') }
  const settled = account
    ? await keep(ctx, account, { hash, profile })
    : await createKnown(ctx, judged.identifier, { hash, profile })
  return settled ? { owner: settled } : judgeAgain(ctx, judged)
}

/**
 * Whether the old server means the account that was imported: it may know somebody else by the same text. Where it does
 * not say whom it means, it is nobody whose address is proven here and not there.
 */
export async function isSameAccount(
  ctx: Pick<RequestContext, 'store'>,
  account: AccountRow,
  { profile, isUnconfirmed }: RightPassword,
): Promise<boolean> {
  const isUnproven = isUnconfirmed || profile.emailVerified === false
  if (profile.id === undefined && isUnproven && account.email_verified_at !== null) return false
  const names = await namesElsewhere(ctx, account)
  return profile.id === undefined || names.length === 0 || names.includes(profile.id)
}

/** What the systems that the account comes from call it. */
async function namesElsewhere(
  { store }: Pick<RequestContext, 'store'>,
  { id }: AccountRow,
): Promise<string[]> {
  const links = await store.legacyLinks.listOf(id)
  return links
    .filter(({ source }) => !source.startsWith('identity:'))
    .map(({ source_id: sourceId }) => sourceId)
}

/** `undefined` where the account's password was set, or it was disabled, since it was read. */
function keep(
  ctx: RequestContext,
  account: AccountRow,
  { hash, profile }: { hash: string; profile: UpstreamProfile },
): Promise<AccountRow | undefined> {
  return transaction(stopClock(ctx), async (ctx) => {
    const { accounts } = ctx.store
    const filled = filledWith(JSON.parse(account.profile), namesIn(profile))
    const settled = await accounts.settlePassword(account, { hash, profile: filled }, ctx.now())
    if (!settled) return undefined
    await recordEvent(ctx, 'password.settled', { accountId: account.id })
    return (await verifyEmail(ctx, settled, profile)) ?? settled
  })
}

/** What the account says of itself stays as it is. */
function filledWith(own: Record<string, unknown>, names: Record<string, string>): Record<string, unknown> {
  const missing = Object.entries(names).filter(([name]) => (own[name] ?? '') === '')
  return { ...own, ...Object.fromEntries(missing) }
}

/** Takes an address for proven that the old server takes for it. Part of a transaction. */
async function verifyEmail(
  ctx: RequestContext,
  { id, email }: AccountRow,
  profile: UpstreamProfile,
): Promise<AccountRow | undefined> {
  if (!profile.emailVerified || profile.email === undefined || foldEmail(profile.email) !== email)
    return undefined
  if (!(await isTrusted(ctx, id))) return undefined
  const verified = await ctx.store.accounts.verifyEmail(id, email, ctx.now())
  if (verified) await recordEvent(ctx, 'email.verified', { accountId: id, detail: 'old_server' })
  return verified
}

/** Whether those who imported the account believe what its old server calls verified. */
async function isTrusted({ store }: RequestContext, accountId: string): Promise<boolean> {
  for (const { run_id } of await store.legacyLinks.listOf(accountId)) {
    const run = run_id === null ? undefined : await store.importRuns.byId(run_id)
    if (run && JSON.parse(run.options).trusts === 'nothing') return false
  }
  return true
}

/** Whose password it is by what is kept here now, after another request has been quicker. Throws `overloaded`. */
export async function judgeAgain(
  ctx: RequestContext,
  { identifier, name, password }: Judged,
): Promise<Verdict> {
  const account = await findAccount(ctx, identifier)
  const hash = account?.password_hash
  const isRight = await isRightPassword(ctx, password, { hash, name, isJudged: true })
  return isRight ? { owner: account } : {}
}
