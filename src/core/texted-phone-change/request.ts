import { recordEvent } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob } from '../jobs.ts'
import { limits } from '../limits/limits.ts'
import { consumeText } from '../limits/text-limits.ts'
import { codeText } from '../recovery/texted-codes.ts'
import { consumeFound, issueTicket, phoneChangeKinds } from '../recovery/tickets.ts'
import { findRecentProof } from '../self-service/reauthentication.ts'
import type { Caller, PreparedChange } from '../sessions/sessions.ts'
import { requireShownFactor } from '../sign-in/second-factor.ts'
import { kind, subjectOf } from './pending.ts'

/** As long as the code that is sent. */
const lifetimeSeconds = 5 * 60

/** A number that an account is to have. */
export interface WantedPhone {
  /** E.164. */
  phone: string
  /** Of a mail to the account's address (`requestReauthentication`). */
  code?: string | undefined
}

/**
 * Counts the message by which the caller's account is to get another number. What it returns has it get that once whoever
 * reads the messages there has typed the code; an earlier change is given up. It takes a session whose person has shown
 * within a day who they are, unless they have otherwise (`isProven`), or a mailed code; and the second factor, where the
 * account has one. To a number that another account has nothing is sent, and the caller gets the same answer. Throws
 * `second_factor_needed`, `recent_sign_in_needed`, `ticket_invalid` for a wrong mailed code, `rate_limited`.
 */
export async function prepareTextedChange(
  ctx: Context,
  caller: Caller,
  { phone, code }: WantedPhone,
  { isProven }: { isProven: boolean },
): Promise<PreparedChange> {
  const { account, session } = caller
  const accountId = account.id
  await requireShownFactor(ctx, caller)
  const proof = isProven ? undefined : await findRecentProof(ctx, caller, code)
  await ctx.limiter.consume(limits.nameChangesPerAccount, accountId)
  const isSpare = await consumeText(ctx, phone)
  return async (ctx, current) => {
    if (proof && !(await consumeFound(ctx, proof))) throw new AuthError('ticket_invalid')
    await ctx.store.tickets.consumeAll(accountId, phoneChangeKinds, ctx.now())
    // No code is right until the message is made.
    const of = { kind, subject: subjectOf(phone, accountId), accountId, from: clientRef(ctx) }
    const payload = { phone, sessionId: session.id }
    await issueTicket(ctx, { ...of, lifetimeSeconds, payload })
    await recordEvent(ctx, 'phone.change_requested', { accountId, sessionId: session.id })
    await addJob(ctx, 'phone-change-new-sms', { accountId, ...codeText(ctx, phone, isSpare) })
    return current
  }
}

/**
 * Has the code of a pending change sent again to the number that an account is to have; `phone` is that, or the one that the
 * account has. Whether there is one, the job finds out, so the answer cannot tell. Throws `rate_limited`.
 */
export async function requestChangeTextAgain(ctx: Context, phone: string): Promise<void> {
  const isSpare = await consumeText(ctx, phone)
  await addJob(ctx, 'phone-change-again', codeText(ctx, phone, isSpare))
}
