import type { AccountRow } from '../store/schema.ts'
import { recordEvent } from './audit.ts'
import { type Context, type Realm, transaction } from './context.ts'
import { foldEmail } from './emails.ts'
import { AuthError } from './errors.ts'
import { addJob } from './jobs.ts'
import { limits } from './limits.ts'
import { voidedByNewPassword } from './tickets.ts'

/** Throws `password_rejected` when a new password is too short, too long or not text that can be typed again. */
export function checkPassword(realm: Realm, password: string): void {
  const length = [...password].length
  const { minLength, maxLength } = realm.password
  if (length < minLength) reject(`must be at least ${minLength} characters`)
  if (length > maxLength) reject(`must be at most ${maxLength} characters`)
  if (!password.isWellFormed()) reject('holds half a character')
}

function reject(why: string): never {
  throw new AuthError('password_rejected', { issues: [{ field: 'password', message: `Password ${why}.` }] })
}

/** What a person signs in with: one of these. A phone number is E.164. */
export type Identifier = { email: string } | { username: string } | { phone: string }

function findAccount(ctx: Context, identifier: Identifier): Promise<AccountRow | undefined> {
  const { accounts } = ctx.store
  if ('email' in identifier) return accounts.byEmail(foldEmail(identifier.email))
  return 'phone' in identifier ? accounts.byPhone(identifier.phone) : accounts.byUsername(identifier.username)
}

function identifierKey(identifier: Identifier): string {
  if ('email' in identifier) return foldEmail(identifier.email)
  return 'phone' in identifier ? identifier.phone : identifier.username.toLowerCase()
}

/**
 * Finds the account whose password this is. An unknown account and a wrong password cost the same work and throw
 * the same `credentials_invalid`. Throws `rate_limited`, `overloaded`.
 */
export async function checkCredentials(
  ctx: Context,
  input: Identifier & { password: string },
): Promise<AccountRow & { password_hash: string }> {
  const accountKey = `${ctx.origin.ip} ${identifierKey(input)}`
  await ctx.limiter.take(limits.signInAddress, ctx.origin.ip)
  await ctx.limiter.take(limits.signInAccount, accountKey)

  const account = await findAccount(ctx, input)
  const isRight = await ctx.hasher.verify(input.password, account?.password_hash)
  if (!isRight || !account?.password_hash || account.disabled_at !== null) {
    await recordEvent(ctx, 'sign_in', { outcome: 'refused', accountId: account?.id, detail: 'credentials' })
    throw new AuthError('credentials_invalid')
  }
  await ctx.limiter.forgive(limits.signInAccount, accountKey)
  return { ...account, password_hash: account.password_hash }
}

/**
 * Replaces a password by one who knows it, ends every session of the account and tells its owner. Throws
 * `credentials_invalid`, `password_unchanged`, `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function changePassword(
  ctx: Context,
  input: { email: string; oldPassword: string; newPassword: string },
): Promise<AccountRow> {
  const account = await checkCredentials(ctx, { email: input.email, password: input.oldPassword })
  if (input.newPassword === input.oldPassword) throw new AuthError('password_unchanged')
  checkPassword(ctx.realm, input.newPassword)
  const hash = await ctx.hasher.hash(input.newPassword)

  return transaction(ctx, async (ctx) => {
    const now = ctx.now()
    const changed = await ctx.store.accounts.changePassword(
      account.id,
      { checkedHash: account.password_hash, hash },
      now,
    )
    if (!changed) throw new AuthError('credentials_invalid')
    await ctx.store.sessions.endAll(account.id, 'password_changed', now)
    await ctx.store.tickets.consumeAll(account.id, voidedByNewPassword, now)
    await recordEvent(ctx, 'password.changed', { outcome: 'success', accountId: account.id })
    await addJob(ctx, 'password-changed-mail', { accountId: account.id, brand: ctx.client.brand })
    return changed
  })
}
