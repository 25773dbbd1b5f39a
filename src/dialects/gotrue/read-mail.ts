import type { Context } from '../../core/context.ts'
import {
  confirmFirst,
  confirmHalf,
  findHalfByCode,
  findHalfByLink,
  isLastHalf,
} from '../../core/mailed-email-change/confirm.ts'
import { halfOf } from '../../core/mailed-email-change/halves.ts'
import { findByLink, findByTypedCode } from '../../core/mailed-sign-in/find.ts'
import { signInByMail } from '../../core/mailed-sign-in/sign-in.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import type { TicketRow } from '../../store/schema.ts'
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

/** The ticket of a mail's link, which may have been used; `undefined` where no mail of that type has it. */
export function findLink(ctx: Context, type: string, text: string): Promise<TicketRow | undefined> {
  const token = readToken(text)
  if (type === changeType) return findHalfByLink(ctx, token)
  return findByLink(ctx, purposesOf.get(type) ?? [], token)
}

/** The ticket of a mail's code. Throws `ticket_invalid`, `rate_limited`. */
export function findCode(
  ctx: Context,
  type: string,
  typed: { email: string; code: string },
): Promise<TicketRow> {
  if (type === changeType) return findHalfByCode(ctx, typed)
  return findByTypedCode(ctx, purposesOf.get(type) ?? [], typed)
}

/** Does what a mail is for; `undefined` where the other mailbox has still to confirm another address. */
export function useMail(ctx: Context, ticket: TicketRow): Promise<SignedIn | undefined> {
  return halfOf(ticket) ? confirmHalf(ctx, ticket) : signInByMail(ctx, ticket)
}

/** Confirms a half that opens no session, as the other mailbox has still to confirm; `false`, and nothing is done, for all else. */
export async function useFirstHalf(ctx: Context, ticket: TicketRow): Promise<boolean> {
  return isFirstHalf(ticket) && confirmFirst(ctx, ticket)
}

/** Whether the other mailbox has still to confirm another address. */
export function isFirstHalf(ticket: TicketRow): boolean {
  return halfOf(ticket) !== undefined && !isLastHalf(ticket)
}
