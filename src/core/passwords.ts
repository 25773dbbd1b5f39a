import type { AccountRow } from '../store/schema.ts'
import { takeAtAddress, tryTakeFromAccount } from './account-limits.ts'
import { recordEvent } from './audit.ts'
import { type AnyContext, type Context, type RequestContext, transaction } from './context.ts'
import { foldEmail } from './emails.ts'
import { AuthError, type PasswordRule } from './errors.ts'
import { type Identifier, identifierKey, identifierKeysOf } from './identifiers.ts'
import { addJob } from './jobs.ts'
import { type LimitRule, limits } from './limits.ts'
import { findWeakness, type PasswordOwner } from './password-strength.ts'
import { voidedByNewPassword } from './tickets.ts'

/**
 * Throws `password_rejected` when a new password is too short, too long or not text that can be typed again, and where
 * the realm is strict when it is easy to guess. The refusal names the field that it came in. Nothing for a transaction.
 */
export async function checkPassword(
  ctx: AnyContext,
  password: string,
  owner: PasswordOwner,
  field = 'password',
): Promise<void> {
  const length = [...password].length
  const { minLength, maxLength, isStrict } = ctx.realm.password
  if (length < minLength) reject(field, 'too_short', `must be at least ${minLength} characters`)
  if (length > maxLength) reject(field, 'too_long', `must be at most ${maxLength} characters`)
  if (!isTypable(password))
    reject(field, 'malformed', 'holds half a character, or one that could not be read')
  const weakness = isStrict ? await findWeakness(ctx, password, owner) : undefined
  if (weakness) reject(field, weakness, weaknesses[weakness])
}

/**
 * Whether a text is what somebody can have typed: half a character, and what a decoder has put in the place of bytes
 * that it could not read, would make different passwords one.
 */
function isTypable(password: string): boolean {
  return password.isWellFormed() && !password.includes('\ufffd')
}

const weaknesses = {
  too_common: 'is too easy to guess',
  too_personal: 'is little more than your name, your address or the name of this service',
}

function reject(field: string, rule: PasswordRule, why: string): never {
  throw new AuthError('password_rejected', { issues: [{ field, message: `Password ${why}.`, rule }] })
}

async function findAccount(ctx: RequestContext, identifier: Identifier): Promise<AccountRow | undefined> {
  const { accounts } = ctx.store
  // Nobody has this, and a database may refuse to look for it.
  if (identifierKey(identifier).includes('\0')) return undefined
  if ('email' in identifier) return accounts.byEmail(foldEmail(identifier.email))
  return 'phone' in identifier ? accounts.byPhone(identifier.phone) : accounts.byUsername(identifier.username)
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
): Promise<AccountRow & { password_hash: string }> {
  const key = identifierKey(input)
  await takeAtAddress(ctx, [{ rule: limits.signInAddress }, { rule: limits.signInAccountAtAddress, key }])
  const finding = findAccount(ctx, input)
  const use = { rule: limits.signInAccount, ruleAtKnown: limits.signInAccountAtKnownAddress, key }
  const taking = tryTakeFromAccount(ctx, use, () => finding)
  const [account, { counted, refusal }] = await Promise.all([finding, taking])

  // A text that nobody can have typed is nobody's password, whatever was hashed.
  const isJudged = counted !== undefined && isTypable(input.password)
  const isRight = await ctx.hasher
    .verify(input.password, isJudged ? account?.password_hash : undefined)
    .catch(async (error) => {
      // Never judged, so never wrong: who waits in a crowd does not use up the attempts.
      await giveBackAttempt(ctx, key, counted)
      throw error
    })
  if (!isRight || !account?.password_hash || account.disabled_at !== null) {
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
  await Promise.all([
    forgiveWrongPasswords(ctx, account),
    ctx.limiter.giveBack(limits.signInAddress, ctx.origin.ip),
  ])
  return { ...account, password_hash: account.password_hash }
}

async function giveBackAttempt(
  { limiter, origin }: RequestContext,
  key: string,
  counted: LimitRule | undefined,
): Promise<void> {
  await Promise.all([
    limiter.giveBack(limits.signInAddress, origin.ip),
    limiter.giveBack(limits.signInAccountAtAddress, `${origin.ip} ${key}`),
    counted && limiter.giveBack(counted, key),
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

/**
 * Replaces a password by one who knows it, ends every session of the account and tells its owner. Throws
 * `credentials_invalid`, `password_unchanged`, `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function changePassword(
  ctx: Context,
  input: Identifier & { oldPassword: string; newPassword: string },
): Promise<AccountRow> {
  const { oldPassword, newPassword, ...identifier } = input
  const account = await checkCredentials(ctx, { ...identifier, password: oldPassword })
  if (newPassword === oldPassword) throw new AuthError('password_unchanged')
  await checkPassword(ctx, newPassword, account, 'newPassword')
  const hash = await ctx.hasher.hash(newPassword)

  return transaction(ctx, async (ctx) => {
    const now = ctx.now()
    const changed = await ctx.store.accounts.changePassword(account, hash, now)
    if (!changed) throw new AuthError('credentials_invalid')
    await ctx.store.sessions.endAll(account.id, 'password_changed', now)
    await ctx.store.tickets.consumeAll(account.id, voidedByNewPassword, now)
    await recordEvent(ctx, 'password.changed', { outcome: 'success', accountId: account.id })
    await addJob(ctx, 'password-changed-mail', { accountId: account.id, brand: ctx.client.brand })
    return changed
  })
}
