import type { TicketRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import type { TicketKind } from '../recovery/tickets.ts'

export const kind: TicketKind = 'phone-change-new'

/** What there is one ticket for: several accounts may want one number, and each has its own, which is found by the number. */
export function subjectOf(phone: string, accountId: string): string {
  return `${beginningOf(phone)}${accountId}`
}

/** How the subjects of the changes to a number begin. */
export function beginningOf(phone: string): string {
  return `${phone} `
}

/** The number that an account is to have by a ticket, and the session that has asked for it. */
export function changeOf({ payload }: TicketRow): { phone: string; sessionId: string } {
  const { phone, sessionId } = JSON.parse(payload)
  return { phone, sessionId }
}

/** The ticket of the change of number that an account has asked for. */
export async function pendingTicket(ctx: RealmContext, accountId: string): Promise<TicketRow | undefined> {
  return (await ctx.store.tickets.listLive(accountId, [kind], ctx.now())).at(-1)
}
