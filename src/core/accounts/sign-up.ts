import type { AccountRow } from '../../store/schema.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError, isRefusal } from '../errors.ts'
import { permitSignUp } from '../hooks/before-sign-up.ts'
import { addJob } from '../jobs.ts'
import { type CountedUse, consumeMail, consumePerIp, refundUses } from '../limits/account-limits.ts'
import { countProbe } from '../limits/existence-probes.ts'
import { limits } from '../limits/limits.ts'
import { checkPassword } from '../passwords/check.ts'
import { hashPassword } from '../passwords/forms.ts'
import type { MailWish } from '../recovery/mailed-codes.ts'
import { consumeTicket } from '../recovery/tickets.ts'
import { resetPasswordLimits } from '../sign-in/credentials.ts'
import { foldEmail } from './emails.ts'
import { createUntaken, type NewAccountFields } from './new-accounts.ts'
import { claimEmail } from './take-over.ts'
import { addActivationMail, findProof, requestActivation } from './verification.ts'

/** What an account says of its person, for the app; JSON. */
export type Profile = Record<string, unknown>

export interface SignUp {
  email?: string
  username?: string
  /** E.164. */
  phone?: string
  password: string
  profile?: Profile
  /** Of the mail that proves the e-mail address; holds `{token}`. */
  verificationLink: string
  /** What else that mail is to have. */
  mail?: MailWish
}

/**
 * Opens an account whose e-mail address is not proven yet, and mails a link that proves it. Everybody may learn what is
 * taken, though not often: refusals for that have a limit of their own. Throws `username_taken`, `email_taken`,
 * `phone_taken`, `password_rejected`, `rate_limited`, `overloaded`, and what a hook refuses with.
 */
export async function signUpOpenly(ctx: Context, input: SignUp): Promise<AccountRow> {
  const prepared = await prepareSignUp(ctx, input)
  return countProbe(ctx, () => openAccount(ctx, prepared))
}

/**
 * Opens an account where nobody may learn that an e-mail address is taken: its owner is mailed, and the answer is
 * `undefined`. Throws `username_taken`, `phone_taken`, `password_rejected`, `rate_limited`, `overloaded`, and what a hook
 * refuses with.
 */
export async function signUpSilently(
  ctx: Context,
  input: SignUp & { email: string },
): Promise<AccountRow | undefined> {
  const prepared = await prepareSignUp(ctx, input)
  return countProbe(ctx, async () => {
    try {
      return await openAccount(ctx, prepared)
    } catch (error) {
      if (!isRefusal(error, 'email_taken')) throw error
      await addJob(ctx, 'account-exists-mail', { email: foldEmail(input.email), brand: ctx.client.brand })
      return undefined
    }
  })
}

/**
 * Opens an account as `signUpOpenly` does; one that has the e-mail address and waits for its confirmation is returned as it
 * stands, and its mail sent again. Throws `email_taken` where the address is proven, and else as `signUpOpenly` does.
 */
export async function signUpOrRemind(ctx: Context, input: SignUp & { email: string }): Promise<AccountRow> {
  try {
    return await signUpOpenly(ctx, input)
  } catch (error) {
    if (!isRefusal(error, 'email_taken')) throw error
    const { email, verificationLink: link, mail } = input
    const holder = await ctx.store.accounts.byEmail(foldEmail(email))
    if (!holder || holder.email_verified_at !== null) throw error
    await requestActivation(ctx, { ...mail, email, link, brand: ctx.client.brand })
    return holder
  }
}

/** An account that is created if nobody has its names, and what to mail. */
interface PreparedSignUp {
  fields: NewAccountFields
  mail: MailWish & { link: string }
}

async function prepareSignUp(ctx: Context, input: SignUp): Promise<PreparedSignUp> {
  const { username, phone, profile, verificationLink: link, mail } = input
  const email = input.email === undefined ? undefined : foldEmail(input.email)
  const uses = await consumePerIp(ctx, [{ rule: limits.signUpsPerIp }])
  await checkPassword(ctx, input.password, input)
  if (email !== undefined) uses.push(...(await consumeMail(ctx, email)))
  await permitSignUp(ctx, { email, isEmailProven: false, username, phone })
  const password_hash = await hashCounted(ctx, input.password, uses)
  return { fields: { email, username, phone, profile, password_hash }, mail: { ...mail, link } }
}

/** Hashes a password. Where that fails, these uses are refunded: overload uses nothing up. */
async function hashCounted(ctx: Context, password: string, uses: CountedUse[]): Promise<string> {
  try {
    return await hashPassword(ctx, password)
  } catch (error) {
    await refundUses(ctx, uses)
    throw error
  }
}

function openAccount(ctx: Context, { fields, mail }: PreparedSignUp): Promise<AccountRow> {
  const { email } = fields
  return transaction(ctx, async (ctx) => {
    const account = await createUntaken(ctx, fields)
    if (email !== undefined) await addActivationMail(ctx, { ...mail, email, brand: ctx.client.brand })
    return account
  })
}

/**
 * Opens an account for an e-mail address that `verificationCode` proves, and uses the code up. An account that has the
 * address and has proven nothing becomes the caller's (`claimEmail`). Throws `ticket_invalid` for a code that is not
 * good for this address, `email_taken`, `password_rejected`, `rate_limited`, `overloaded`, and what a hook refuses with.
 */
export async function signUpVerified(
  ctx: Context,
  input: { email: string; password: string; profile: Profile; verificationCode: string },
): Promise<AccountRow> {
  const uses = await consumePerIp(ctx, [{ rule: limits.signUpsPerIp }])
  const email = foldEmail(input.email)
  const proof = await findProof(ctx, email, input.verificationCode)
  if (proof?.dialect !== ctx.door.dialect) throw new AuthError('ticket_invalid')
  const holder = await ctx.store.accounts.byEmail(email)
  if (holder && holder.email_verified_at !== null) throw new AuthError('email_taken')
  await checkPassword(ctx, input.password, { email })
  await permitSignUp(ctx, { email, isEmailProven: true })
  const passwordHash = await hashCounted(ctx, input.password, uses)

  const owned = await transaction(stopClock(ctx), async (ctx) => {
    const { profile } = input
    const account = await claimEmail(ctx, { email, passwordHash, profile, brand: ctx.client.brand })
    if (!account) throw new AuthError('email_taken')
    if (!(await consumeTicket(ctx, 'verify-email', input.verificationCode)))
      throw new AuthError('ticket_invalid')
    return account
  })
  await resetPasswordLimits(ctx, owned)
  return owned
}
