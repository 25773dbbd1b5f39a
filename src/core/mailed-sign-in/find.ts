import type { TicketRow } from '../../store/schema.ts'
import { foldEmail } from '../accounts/emails.ts'
import { refuseLink } from '../accounts/verification.ts'
import type { Context } from '../context.ts'
import { nobody } from '../limits/code-limits.ts'
import { findByCode } from '../recovery/mailed-codes.ts'
import { findTicket, type TicketKind } from '../recovery/tickets.ts'
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

/** The ticket of a mail's link, which may have been consumed; `undefined` for no link of these purposes at this door. */
export async function findByLink(
  ctx: Context,
  purposes: SignInPurpose[],
  token: string,
): Promise<TicketRow | undefined> {
  for (const purpose of purposes) {
    const ticket = await findTicket(ctx, kinds[purpose], token)
    if (ticket?.dialect === ctx.door.dialect) return ticket
  }
}

/** The live ticket of a mail's code. Throws `ticket_invalid` for every code that is not good, and `rate_limited`. */
export async function findByTypedCode(
  ctx: Context,
  purposes: SignInPurpose[],
  typed: { email: string; code: string },
): Promise<TicketRow> {
  const email = foldEmail(typed.email)
  const account = await ctx.store.accounts.byEmail(email)
  const accountId = account?.id ?? nobody
  const among = purposes.map((purpose) => ticketOf(purpose, { email, accountId }))
  const ticket = await findByCode(ctx, { email, code: typed.code }, among)
  return ticket ?? refuseLink(ctx)
}
