import { identifierKey } from '../accounts/identifiers.ts'
import { recordEvent, recordRefusal } from '../audit/audit.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { AuthError, isRefusal } from '../errors.ts'
import { addJob } from '../jobs.ts'
import { type CountedGuess, consumeGuess, refundGuess, resetGuesses } from '../limits/code-limits.ts'
import { limits } from '../limits/limits.ts'
import { consumeText } from '../limits/text-limits.ts'
import { checkForm, checkStrength } from '../passwords/check.ts'
import { hashPassword } from '../passwords/forms.ts'
import { withoutBlanks } from '../sign-in/authenticator.ts'
import { resetPasswordLimits } from '../sign-in/credentials.ts'
import { type PasswordReset, type ResetOptions, setRecoveredPassword } from './by-mail.ts'
import { judgeCode } from './code-guesses.ts'
import { isLong } from './reset-codes.ts'
import { codeText } from './texted-codes.ts'

/**
 * Has a code sent to the phone of an account, if there is one: the job finds that out, so the answer cannot tell. `phone`
 * is E.164. A country that is not allowed gets no message and the same answer. Throws `rate_limited`.
 */
export async function requestResetCode(ctx: Context, phone: string): Promise<void> {
  const key = identifierKey({ phone })
  const isSpare = await consumeText(ctx, phone)
  await transaction(ctx, async (ctx) => {
    await recordEvent(ctx, 'password.reset_requested', { subject: key, detail: 'sms' })
    await addJob(ctx, 'reset-code-sms', codeText(ctx, phone, isSpare))
  })
}

/**
 * Sets a new password with a code from a message, ends every session of the account and notifies its owner. With `phone` a
 * short code is checked against that account alone, five times; without it a wrong code counts against all live codes of
 * the client. The place that has asked for a code has five guesses of its own. Blanks in a code are ignored, as phones
 * show `119 345`. Throws `ticket_invalid`, `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function resetPasswordByCode<T>(
  ctx: Context,
  input: { code: string; password: string; phone?: string },
  options: ResetOptions<Context, T> = {},
): Promise<PasswordReset<T>> {
  checkForm(ctx, input.password)
  // Before the code is looked at, so that nobody gets ahead of the count by asking many times at once.
  await ctx.limiter.consume(limits.codesPerIp, ctx.origin.ip)
  let isWrong = false
  let guess: CountedGuess | undefined
  try {
    const { phone, password } = input
    const code = withoutBlanks(input.code)
    // Whose code it is must not show before it is judged, so nothing else is known of the owner.
    await checkStrength(ctx, password, { phone })
    // Only short ones are guessed.
    if (phone !== undefined && !isLong(code)) guess = await consumeGuess(ctx, { phone })
    const isWithin = guess?.isWithin ?? true
    // A right code takes no longer than a wrong one, or dead ones could be distinguished from wrong ones.
    const passwordHash = await hashPassword(ctx, password)
    // The count of a failed guess must outlive the refusal, so that is thrown after the commit.
    const done = await transaction(stopClock(ctx), (ctx) =>
      redeem(ctx, { code, phone, isWithin, passwordHash }, options),
    )
    isWrong = done === undefined
    if (!done) throw new AuthError('ticket_invalid')
    await resetPasswordLimits(ctx, done.account)
    await resetGuesses(ctx, { phone: done.account.phone ?? '' })
    if (!ctx.hooks.beforeSignIn) return done
    return { ...done, result: await options.onReset?.(ctx, done.account) }
  } catch (error) {
    // It was refused before the code was looked at, so it may be anybody's.
    if (isRefusal(error, 'password_rejected')) isWrong = true
    throw error
  } finally {
    if (!isWrong) {
      await ctx.limiter.refund(limits.codesPerIp, ctx.origin.ip)
      await refundGuess(ctx, guess)
    }
  }
}

async function redeem<T>(
  ctx: Context,
  { passwordHash, ...typed }: { code: string; phone?: string; isWithin: boolean; passwordHash: string },
  { onReset }: ResetOptions<Context, T>,
): Promise<PasswordReset<T> | undefined> {
  const guessed = await judgeCode(ctx, typed)
  // Whoever has the code reads the messages.
  const recovered = { hash: passwordHash, name: 'phone' } as const
  const account = guessed && (await setRecoveredPassword(ctx, guessed.ticket, guessed.owner, recovered))
  if (!account) {
    const { phone } = typed
    const subject = phone === undefined ? undefined : identifierKey({ phone })
    await recordRefusal(ctx, 'password.reset', { subject, detail: 'code' })
    return undefined
  }
  return { account, ...(!ctx.hooks.beforeSignIn && { result: await onReset?.(ctx, account) }) }
}
