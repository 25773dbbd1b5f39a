import type { AccountRow } from '../store/schema.ts'
import { takeMail } from './account-limits.ts'
import { recordEvent } from './audit.ts'
import { type Context, type RealmContext, transaction } from './context.ts'
import { foldEmail } from './emails.ts'
import { AuthError, isRefusal } from './errors.ts'
import { addJob } from './jobs.ts'
import { limits } from './limits.ts'
import { checkPassword } from './passwords.ts'
import { consumeTicket } from './tickets.ts'
import { addActivationMail, findProof } from './verification.ts'

export type Profile = Record<string, string>

export interface SignUp {
  email?: string
  username?: string
  /** E.164. */
  phone?: string
  password: string
  profile?: Profile
  /** Of the mail that proves the e-mail address; holds `{token}`. */
  verificationLink: string
}

/**
 * Opens an account whose e-mail address is not proven yet, and mails a link that proves it. Everybody may learn what is
 * taken, though not often: refusals for that have a limit of their own. Throws `username_taken`, `email_taken`,
 * `phone_taken`, `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function signUpOpenly(ctx: Context, input: SignUp): Promise<AccountRow> {
  await admitSignUp(ctx, input)
  await ctx.limiter.take(limits.probeAddress, ctx.origin.ip)
  const account = await openAccount(ctx, input)
  await ctx.limiter.giveBack(limits.probeAddress, ctx.origin.ip)
  return account
}

/**
 * The same where nobody may learn that an e-mail address is taken: its owner is told by mail, and the answer is
 * `undefined`. Throws `username_taken`, `phone_taken`, `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function signUpSilently(
  ctx: Context,
  input: SignUp & { email: string },
): Promise<AccountRow | undefined> {
  await admitSignUp(ctx, input)
  await ctx.limiter.take(limits.probeAddress, ctx.origin.ip)
  try {
    const account = await openAccount(ctx, input)
    await ctx.limiter.giveBack(limits.probeAddress, ctx.origin.ip)
    return account
  } catch (error) {
    if (!isRefusal(error, 'email_taken')) throw error
    await ctx.limiter.giveBack(limits.probeAddress, ctx.origin.ip)
    await addJob(ctx, 'account-exists-mail', { email: foldEmail(input.email), brand: ctx.client.brand })
    return undefined
  }
}

async function admitSignUp(ctx: Context, { password }: SignUp): Promise<void> {
  await ctx.limiter.take(limits.signUpAddress, ctx.origin.ip)
  checkPassword(ctx.realm, password)
}

async function openAccount(ctx: Context, input: SignUp): Promise<AccountRow> {
  const { username, phone, profile, verificationLink: link } = input
  const email = input.email === undefined ? undefined : foldEmail(input.email)
  if (email !== undefined) await takeMail(ctx, email)
  const password_hash = await ctx.hasher.hash(input.password)

  return transaction(ctx, async (ctx) => {
    const fresh = { id: ctx.newId(), email, username, phone, profile, password_hash }
    const account = await ctx.store.accounts.create(fresh, ctx.now())
    if (!account) return refuseTaken(ctx, { email, username })
    await recordEvent(ctx, 'account.created', { outcome: 'success', accountId: account.id })
    if (email !== undefined) await addActivationMail(ctx, { email, link, brand: ctx.client.brand })
    return account
  })
}

/** Says which of the names of a new account is taken. Throws `username_taken`, `email_taken`, `phone_taken`. */
export async function refuseTaken(
  ctx: RealmContext,
  { username, email }: Pick<SignUp, 'username' | 'email'>,
): Promise<never> {
  const { accounts } = ctx.store
  if (username !== undefined && (await accounts.byUsername(username))) throw new AuthError('username_taken')
  if (email !== undefined && (await accounts.byEmail(email))) throw new AuthError('email_taken')
  throw new AuthError('phone_taken')
}

/**
 * Opens an account for an e-mail address that `verificationCode` proves, and uses the code up. Throws
 * `ticket_invalid` for a code that is not good for this address, `email_taken`, `password_rejected`,
 * `rate_limited`, `overloaded`.
 */
export async function signUpVerified(
  ctx: Context,
  input: { email: string; password: string; profile: Profile; verificationCode: string },
): Promise<AccountRow> {
  await ctx.limiter.take(limits.signUpAddress, ctx.origin.ip)
  const email = foldEmail(input.email)
  const proof = await findProof(ctx, email, input.verificationCode)
  if (!proof) throw new AuthError('ticket_invalid')
  if (await ctx.store.accounts.byEmail(email)) throw new AuthError('email_taken')
  checkPassword(ctx.realm, input.password)
  const hash = await ctx.hasher.hash(input.password)

  return transaction(ctx, async (ctx) => {
    const now = ctx.now()
    const account = await ctx.store.accounts.create(
      { id: ctx.newId(), email, email_verified_at: now, password_hash: hash, profile: input.profile },
      now,
    )
    if (!account) throw new AuthError('email_taken')
    if (!(await consumeTicket(ctx, 'verify-email', input.verificationCode)))
      throw new AuthError('ticket_invalid')
    await recordEvent(ctx, 'account.created', { outcome: 'success', accountId: account.id })
    return account
  })
}
