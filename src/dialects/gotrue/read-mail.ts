import type { Context } from '../../core/context.ts'
import { readMailCode, readMailLink, type ShownMail } from '../../core/mailed-sign-in/shown-mail.ts'
import type { MailPurpose } from '../../core/sessions/proof-of-person.ts'
import { purposesOf, readToken } from './mailed-links.ts'

/** The mails that confirm another address. */
export const changeType = 'email_change'

/** What is said where the other mailbox has still to confirm another address. */
export const firstHalfConfirmed =
  'Confirmation link accepted. Please proceed to confirm link sent to the other email'

/** Whether there are mails that a type of the wire means. */
export function isType(type: string): boolean {
  return type === changeType || purposesOf.has(type)
}

/** The mail whose link was opened, which may have been used; `undefined` where no mail of that type has it. */
export function findLink(ctx: Context, type: string, text: string): Promise<ShownMail | undefined> {
  return readMailLink(ctx, purposesMeant(type), readToken(text))
}

/** The mail whose code was typed. Throws `ticket_invalid`, `rate_limited`. */
export function findCode(
  ctx: Context,
  type: string,
  typed: { email: string; code: string },
): Promise<ShownMail> {
  return readMailCode(ctx, purposesMeant(type), typed)
}

function purposesMeant(type: string): MailPurpose[] {
  return type === changeType ? ['email_change'] : (purposesOf.get(type) ?? [])
}
