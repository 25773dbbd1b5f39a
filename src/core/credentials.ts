import type { AccountRow } from '../store/schema.ts'
import { giveBackUses, takeAtAddress, tryTakeFromAccount } from './account-limits.ts'
import { recordEvent } from './audit.ts'
import type { AnyContext, RequestContext } from './context.ts'
import { foldEmail } from './emails.ts'
import { AuthError } from './errors.ts'
import { type Identifier, identifierKey, identifierKeysOf } from './identifiers.ts'
import { limits } from './limits.ts'
import { isTypable, matchPassword } from './password-forms.ts'

async function findAccount(ctx: RequestContext, identifier: Identifier): Promise<AccountRow | undefined> {
  const { accounts } = ctx.store
  // Nobody has this, and a database may refuse to look for it.
  if (identifierKey(identifier).includes('\0')) return undefined
  if ('email' in identifier) return accounts.byEmail(foldEmail(identifier.email))
  return 'phone' in identifier ? accounts.byPhone(identifier.phone) : accounts.byUsername(identifier.username)
}

/** What attempts to sign in are counted under: the key of the account that is meant. */
async function attemptKey(ctx: RequestContext, identifier: Identifier): Promise<string> {
  const key = identifierKey(identifier)
  // Only a name that is not typed as it is compared can be the own spelling of an account.
  const mayBeSpelled = 'username' in identifier && key !== `username:${identifier.username.toLowerCase()}`
  const account = mayBeSpelled ? await findAccount(ctx, identifier) : undefined
  return account?.username_key ? `username:${account.username_key}` : key
}

/** An account of which the password was right. */
export type CheckedAccount = AccountRow & {
  password_hash: string
  /** Whether its hash is to be made anew of this password: it has other parameters than those of today, or another form. */
  isHashOutdated: boolean
}

/**
 * Finds the account whose password this is. An unknown account and a wrong password cost the same work and throw
 * the same: `credentials_invalid`, or `rate_limited` once strangers have used up the account's count. From an address
 * that is known the right one is still good then, and nothing but that tells which addresses are known. Throws
 * `rate_limited`, `overloaded`.
 */
export async function checkCredentials(
  ctx: RequestContext,
  input: Identifier & { password: string },
): Promise<CheckedAccount> {
  const account = await judgePassword(ctx, input)
  await forgiveAttempt(ctx, account)
  return account
}

/**
 * Finds the account whose password this is, and leaves a right one counted like a wrong one, for whoever has to prove more
 * than that. Throws `credentials_invalid`, `rate_limited`, `overloaded`.
 */
export async function judgePassword(
  ctx: RequestContext,
  input: Identifier & { password: string },
): Promise<CheckedAccount> {
  const key = await attemptKey(ctx, input)
  const uses = await takeAtAddress(ctx, [
    { rule: limits.signInAddress },
    { rule: limits.signInAccountAtAddress, key },
  ])
  const finding = findAccount(ctx, input)
  const use = { rule: limits.signInAccount, ruleAtKnown: limits.signInAccountAtKnownAddress, key }
  const taking = tryTakeFromAccount(ctx, use, () => finding)
  // At the same time, so that nobody waits for one more count.
  const pacing = Promise.allSettled([takeAtAddress(ctx, [{ rule: limits.signInRate, key }])])
  const [account, { counted, refusal }, [paced]] = await Promise.all([finding, taking, pacing])
  if (counted) uses.push({ rule: counted, key })

  const judge = async () => {
    if (paced.status === 'rejected') throw paced.reason
    uses.push(...paced.value)
    // A text that nobody can have typed is nobody's password, whatever was hashed.
    const isJudged = counted !== undefined && isTypable(input.password)
    return matchPassword(ctx, input.password, isJudged ? account?.password_hash : undefined)
  }
  const match = await judge().catch(async (error) => {
    // Never judged, so never wrong: who waits in a crowd, or comes too often, does not use up the attempts.
    await giveBackUses(ctx, uses)
    throw error
  })
  if (!match || !account?.password_hash || account.disabled_at !== null) {
    const record = () =>
      recordEvent(ctx, 'sign_in', {
        outcome: 'refused',
        accountId: account?.id,
        subject: key,
        detail: 'credentials',
      })
    if (!refusal) await record()
    // The answer takes no longer than that to those who were not judged.
    else if (counted) ctx.refusals.later(record)
    throw refusal ?? new AuthError('credentials_invalid')
  }
  const { password_hash } = account
  const isHashOutdated = match === 'as_sent' || ctx.hasher.isOutdated(password_hash)
  return { ...account, password_hash, isHashOutdated }
}

/** Has a right password not count as an attempt, and those before it not either. */
export async function forgiveAttempt(ctx: RequestContext, account: AccountRow): Promise<void> {
  await Promise.all([
    forgiveWrongPasswords(ctx, account),
    ctx.limiter.giveBack(limits.signInAddress, ctx.origin.ip),
  ])
}

/** Forgets the wrong passwords for an account that has just been given the right one or a new one. */
export async function forgiveWrongPasswords(ctx: AnyContext, account: AccountRow): Promise<void> {
  const { limiter, origin } = ctx
  await Promise.all(
    identifierKeysOf(account).flatMap((key) => [
      limiter.forgive(limits.signInAccount, key),
      limiter.forgive(limits.signInAccountAtKnownAddress, key),
      origin && limiter.forgive(limits.signInAccountAtAddress, `${origin.ip} ${key}`),
    ]),
  )
}
