import type { AccountRow } from '../../store/schema.ts'
import { findAccount } from '../accounts/find.ts'
import { type Identifier, identifierKey, identifierKeysOf } from '../accounts/identifiers.ts'
import { recordRefusal } from '../audit/audit.ts'
import type { AnyContext, RequestContext } from '../context.ts'
import { AuthError, isRefusal } from '../errors.ts'
import { consumePerIp, refundUses } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { countAttempt } from '../limits/sign-in-limits.ts'
import { isTypable } from '../passwords/forms.ts'
import { judgeWithOldServer } from '../switching/judge-password.ts'

/** What somebody signs in with. */
export type Credentials = Identifier & { password: string }

/** An account of which the password was right. */
export type CheckedAccount = AccountRow & {
  password_hash: string
  /** Its hash is to be renewed, as it has other parameters than those of today. */
  isHashOutdated: boolean
}

/**
 * Finds the account whose password this is. An unknown account and a wrong password cost equal work and throw alike:
 * `credentials_invalid`, or `rate_limited` once strangers have used up the account's count. From a known IP the right one
 * is accepted even then, and at an account that was imported the first one; nothing else tells which these are. Throws
 * `rate_limited`, `overloaded`, and where an old server is asked `unavailable`, and for its right password alone
 * `second_factor_needed` and `email_unverified`.
 */
export async function checkCredentials(ctx: RequestContext, input: Credentials): Promise<CheckedAccount> {
  const account = await judgePassword(ctx, input)
  await refundAttempt(ctx, account)
  return account
}

/** Checks credentials as `checkCredentials` does, but leaves a right password counted: more is to be proven. */
export async function judgePassword(ctx: RequestContext, input: Credentials): Promise<CheckedAccount> {
  const key = identifierKey(input)
  const uses = await consumePerIp(ctx, [
    { rule: limits.signInPerIp },
    { rule: limits.signInPerAccountAndIp, key },
  ])
  const finding = findAccount(ctx, input)
  const counting = countAttempt(ctx, key, () => finding)
  // At the same time, so that nobody waits for one more count.
  const pacing = Promise.allSettled([consumePerIp(ctx, [{ rule: limits.signInRatePerAccountAndIp, key }])])
  const [account, attempt, [paced]] = await Promise.all([finding, counting, pacing])
  const { refusal } = attempt
  uses.push(...attempt.uses)

  const judge = async () => {
    if (paced.status === 'rejected') throw paced.reason
    uses.push(...paced.value)
    // A text that nobody can have typed is nobody's password, whatever was hashed.
    const isJudged = attempt.isJudged && isTypable(input.password)
    const { password, ...identifier } = input
    return judgeWithOldServer(ctx, { identifier, name: key, password, account, isJudged })
  }
  const verdict = await judge().catch(async (error) => {
    // Never judged, so never wrong: overload and haste use up no attempts.
    await refundUses(ctx, uses)
    // Whether an old server is asked at all is no stranger's to know once nobody's wrong password is told.
    throw refusal && isRefusal(error, 'unavailable') ? refusal : error
  })
  const { owner } = verdict
  if (!owner?.password_hash || owner.disabled_at !== null) {
    const detail = verdict.refusal?.code ?? 'credentials'
    const record = () => recordRefusal(ctx, 'sign_in', { accountId: account?.id, subject: key, detail })
    if (!refusal) await record()
    // The answer takes no longer than that to those who were not judged.
    else if (attempt.isJudged) ctx.refusals.later(record)
    const details = owner?.password_hash ? { isDisabled: true as const } : {}
    throw refusal ?? verdict.refusal ?? new AuthError('credentials_invalid', details)
  }
  const { password_hash } = owner
  return { ...owner, password_hash, isHashOutdated: ctx.hasher.isOutdated(password_hash) }
}

/** Uncounts a right password, and resets the wrong ones before it. */
export async function refundAttempt(ctx: RequestContext, account: AccountRow): Promise<void> {
  await Promise.all([
    resetPasswordLimits(ctx, account),
    ctx.limiter.refund(limits.signInPerIp, ctx.origin.ip),
  ])
}

/** Resets the counts of wrong passwords, after the right one or a new one. */
export async function resetPasswordLimits(ctx: AnyContext, account: AccountRow): Promise<void> {
  const { limiter, origin } = ctx
  await Promise.all(
    identifierKeysOf(account).flatMap((key) => [
      limiter.reset(limits.signInPerAccount, key),
      limiter.reset(limits.signInPerAccountAtKnownIps, key),
      origin && limiter.reset(limits.signInPerAccountAndIp, `${origin.ip} ${key}`),
    ]),
  )
}
