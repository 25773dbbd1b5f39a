import type { TicketRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { refuseLink } from '../accounts/verification.ts'
import type { Client } from '../clients/client.ts'
import { findClient } from '../clients/clients.ts'
import type { Context } from '../context.ts'
import { nobody } from '../limits/code-limits.ts'
import { codesOfChange, confirmFirst, confirmHalf, findHalfByLink } from '../mailed-email-change/confirm.ts'
import { changeOf, halfOf } from '../mailed-email-change/halves.ts'
import { findByCode, payloadOf } from '../recovery/mailed-codes.ts'
import type { SignedIn } from '../sessions/open-session.ts'
import type { MailPurpose } from '../sessions/proof-of-person.ts'
import { withoutBlanks } from '../sign-in/authenticator.ts'
import { findByLink, purposeOf, ticketOf } from './find.ts'
import { signInByMail } from './sign-in.ts'

/** Where a mail has what the core knows it by, out of the reach of doors. */
const ticketKey = Symbol('ticket')

/** A mail whose link or code somebody shows at the door that had it sent. */
export interface ShownMail {
  purpose: MailPurpose
  /** Who had it sent; `undefined` where that client is registered no more. */
  client: Client | undefined
  /** It has been used, and is good for nothing. */
  isUsed: boolean
  /** Of the app that asked for it, which alone is to get the session: base64url(SHA-256(verifier)) (RFC 7636 §4.2). */
  challenge: string | undefined
  /** It confirms another address, and the other mailbox has still to do so: it opens no session. */
  isFirstHalf: boolean
  readonly [ticketKey]: TicketRow
}

/**
 * The mail of one of these purposes whose link has this secret, as often as it is looked at; `undefined` where there is
 * none at this door, which `refuseLink` counts.
 */
export async function readMailLink(
  ctx: Context,
  purposes: MailPurpose[],
  token: string,
): Promise<ShownMail | undefined> {
  for (const purpose of purposes) {
    const ticket =
      purpose === 'email_change' ? await findHalfByLink(ctx, token) : await findByLink(ctx, purpose, token)
    if (ticket) return shown(ctx, ticket)
  }
}

/**
 * The mail of one of these purposes to this address whose code was typed; blanks in that are ignored. Throws `ticket_invalid`
 * for every code that is not good, and `rate_limited`.
 */
export async function readMailCode(
  ctx: Context,
  purposes: MailPurpose[],
  typed: { email: string; code: string },
): Promise<ShownMail> {
  const email = foldEmail(typed.email)
  const accountId = (await ctx.store.accounts.byEmail(email))?.id ?? nobody
  const among = await Promise.all(
    purposes.map((purpose) =>
      purpose === 'email_change'
        ? codesOfChange(ctx, { email, accountId })
        : [ticketOf(purpose, { email, accountId })],
    ),
  )
  const ticket = await findByCode(ctx, { email, code: withoutBlanks(typed.code) }, among.flat())
  return ticket ? shown(ctx, ticket) : refuseLink(ctx)
}

/**
 * Does what a mail is for, uses it up, and opens a session; `undefined` where it has confirmed the first half of a change of
 * the address, and the other mailbox has still to. The session lacks the second factor where the account has one. Throws
 * `ticket_invalid`, `rate_limited`, `second_factor_needed` at a door that asks for the factor before there is a session, and
 * what a hook refuses with: then the mail stays good.
 */
export function useMail(ctx: Context, mail: ShownMail): Promise<SignedIn | undefined> {
  const ticket = mail[ticketKey]
  return halfOf(ticket) ? confirmHalf(ctx, ticket) : signInByMail(ctx, ticket)
}

/**
 * Uses a mail up that confirms another address and opens no session, as the other mailbox has still to confirm; `false`, and
 * nothing is done, for every other one. Throws `ticket_invalid`.
 */
export async function confirmFirstHalf(ctx: Context, mail: ShownMail): Promise<boolean> {
  return mail.isFirstHalf && confirmFirst(ctx, mail[ticketKey])
}

/** What the core knows a mail by. */
export function ticketOfMail(mail: ShownMail): TicketRow {
  return mail[ticketKey]
}

function shown(ctx: Context, ticket: TicketRow): ShownMail {
  const isHalf = halfOf(ticket) !== undefined
  return {
    purpose: purposeOf(ticket) ?? 'email_change',
    client: findClient(ctx, ctx.door.dialect, ticket.client_id ?? ''),
    isUsed: ticket.consumed_at !== null,
    challenge: payloadOf(ticket).challenge,
    isFirstHalf: isHalf && !changeOf(ticket).isOtherConfirmed,
    [ticketKey]: ticket,
  }
}
