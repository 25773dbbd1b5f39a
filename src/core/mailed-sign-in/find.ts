import type { TicketRow } from '../../store/schema.ts'
import type { Client } from '../clients/client.ts'
import type { Context } from '../context.ts'
import { findTicket, type TicketKind, ticketClient } from '../recovery/tickets.ts'
import type { MailPurpose } from '../sessions/proof-of-person.ts'

/** What a mail can be for that signs in by itself. */
export type SignInPurpose = Exclude<MailPurpose, 'email_change'>

const kinds: Record<SignInPurpose, TicketKind> = {
  sign_up: 'confirm-sign-up',
  sign_in: 'mailed-sign-in',
  recovery: 'reset-password',
  invitation: 'invitation',
}

/** The ticket of a mail for this: a link that only signs in is for whoever reads the mailbox, any other for an account. */
export function ticketOf(
  purpose: SignInPurpose,
  { email, accountId }: { email: string; accountId: string },
): { kind: TicketKind; subject: string } {
  return { kind: kinds[purpose], subject: purpose === 'sign_in' ? email : accountId }
}

/** What the mail of a ticket was for. */
export function purposeOf({ kind }: TicketRow): SignInPurpose | undefined {
  const purposes = Object.keys(kinds) as SignInPurpose[]
  return purposes.find((purpose) => kinds[purpose] === kind)
}

/** The ticket of a mail's link, which may have been consumed; `undefined` for no link of this purpose at this door. */
export async function findByLink(
  ctx: Context,
  purpose: SignInPurpose,
  token: string,
): Promise<TicketRow | undefined> {
  const ticket = await findTicket(ctx, kinds[purpose], token)
  return ticket?.dialect === ctx.door.dialect ? ticket : undefined
}

/** The client that had a mail sent, by the secret of its link; `undefined` for one that is unknown, expired or of another door. */
export function clientOfMail(
  ctx: Context,
  purpose: SignInPurpose,
  token: string,
): Promise<Client | undefined> {
  return ticketClient(ctx, kinds[purpose], token)
}
