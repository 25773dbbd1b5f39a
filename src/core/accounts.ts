import type { AccountRow } from '../store/schema.ts'
import { recordEvent } from './audit.ts'
import { type Context, transaction } from './context.ts'
import { foldEmail } from './emails.ts'
import { AuthError } from './errors.ts'
import { limits } from './limits.ts'
import { checkPassword } from './passwords.ts'
import { consumeTicket } from './tickets.ts'
import { addVerificationMail, findProof } from './verification.ts'

export type Profile = Record<string, string>

/**
 * Opens an account whose e-mail address is not proven yet, and mails a link that proves it. Throws `email_taken`,
 * `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function signUp(
  ctx: Context,
  input: { email: string; password: string; verificationLink: string },
): Promise<AccountRow> {
  await ctx.limiter.take(limits.signUpAddress, ctx.origin.ip)
  checkPassword(ctx.realm, input.password)
  const hash = await ctx.hasher.hash(input.password)

  return transaction(ctx, async (ctx) => {
    const email = foldEmail(input.email)
    const account = await ctx.store.accounts.create(
      { id: ctx.newId(), email, password_hash: hash },
      ctx.now(),
    )
    if (!account) throw new AuthError('email_taken')
    await recordEvent(ctx, 'account.created', { outcome: 'success', accountId: account.id })
    await addVerificationMail(ctx, { email, link: input.verificationLink, brand: ctx.client.brand })
    return account
  })
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
