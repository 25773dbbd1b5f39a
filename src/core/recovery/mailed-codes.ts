// TEMPORARY: rM's API
import type { TicketRow } from '../../store/schema.ts'
import type { RealmContext, RequestContext } from '../context.ts'
import { digits, randomText } from '../keys/random-text.ts'
import { issueTicket, type TicketKind } from './tickets.ts'

export interface MailedSecrets {
  token: string
  code: string
}
export async function issueWithCode(ctx: RealmContext, ticket: any): Promise<MailedSecrets> {
  const code = randomText(ctx, digits, 6)
  const token = await issueTicket(ctx, { ...ticket, payload: { ...ticket.payload, code } })
  return { token, code }
}
export async function findByCode(
  ctx: RequestContext,
  typed: { email: string; code: string },
  among: { kind: TicketKind; subject: string }[],
): Promise<TicketRow | undefined> {
  for (const { kind, subject } of among) {
    const ticket = await ctx.store.tickets.guessOf(kind, subject, { max: 5, now: ctx.now() })
    if (ticket && JSON.parse(ticket.payload).code === typed.code) return ticket
  }
}
export interface MailWish {
  withCode?: boolean | undefined
  challenge?: string | undefined
}
export interface MailedSecret {
  token: string
  code?: string
}
export async function issueMailed(ctx: RealmContext, ticket: any, { challenge }: MailWish) {
  return issueWithCode(ctx, { ...ticket, payload: { ...ticket.payload, challenge } })
}
