import type { TicketRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import type { TicketKind } from '../recovery/tickets.ts'

/** The mailbox that an account is to have, and the one that it has: each confirms its half of a change. */
export type Half = 'new' | 'current'

const kinds: Record<Half, TicketKind> = { new: 'email-change-new', current: 'email-change-current' }

export const halves = Object.keys(kinds) as Half[]
export const otherHalf: Record<Half, Half> = { new: 'current', current: 'new' }

export function kindOf(half: Half): TicketKind {
  return kinds[half]
}

/** Which half a ticket is; `undefined` for one that is none. */
export function halfOf({ kind }: Pick<TicketRow, 'kind'>): Half | undefined {
  return halves.find((half) => kinds[half] === kind)
}

/** A day: people read their mail in the morning. */
export const lifetimeSeconds = 24 * 60 * 60

/** What the ticket of a half holds. */
export interface PendingChange {
  /** The address that the account is to have. */
  email: string
  /** The other mailbox has confirmed its half, or need not: this one is the last. */
  isOtherConfirmed: boolean
}

export function changeOf({ payload }: Pick<TicketRow, 'payload'>): PendingChange {
  const { email, isOtherConfirmed } = JSON.parse(payload)
  return { email, isOtherConfirmed }
}

/** What there is one ticket for. Several accounts may want one address: each has its own, which is found by the address. */
export function subjectOf(half: Half, accountId: string, email: string): string {
  return half === 'new' ? `${email} ${accountId}` : accountId
}

/** The half of an account's change that is still to be confirmed. */
export async function liveHalf(
  ctx: RealmContext,
  accountId: string,
  half: Half,
): Promise<TicketRow | undefined> {
  return (await ctx.store.tickets.listLive(accountId, [kinds[half]], ctx.now())).at(-1)
}

/** The address that an account is to have; `undefined` for none. */
export async function pendingChange(ctx: RealmContext, accountId: string): Promise<string | undefined> {
  const live = await ctx.store.tickets.listLive(accountId, Object.values(kinds), ctx.now())
  const ticket = live.at(-1)
  return ticket && changeOf(ticket).email
}
