import { createHash } from 'node:crypto'
import type { TicketRow } from '../store/schema.ts'
import type { RealmContext } from './context.ts'

export type TicketKind = 'reset-password' | 'verify-email'

/** The kinds that set a new password: using one, or changing the password, uses up all of them. */
export const recoveryTickets: TicketKind[] = ['reset-password']

const tokenBytes = 32

/**
 * Makes a ticket and returns its secret: 256 bits, base64url. Only the hash is kept. It takes the place of the one
 * that the same subject had.
 */
export async function issueTicket(
  ctx: RealmContext,
  ticket: { kind: TicketKind; subject: string; lifetime: number } & Pick<
    TicketRow,
    'account_id' | 'client_id' | 'dialect'
  >,
): Promise<string> {
  const { lifetime, ...row } = ticket
  const token = ctx.randomBytes(tokenBytes).toString('base64url')
  const now = ctx.now()
  await ctx.store.tickets.put({
    ...row,
    hash: hashToken(token),
    payload: '{}',
    created_at: now,
    expires_at: now + lifetime * 1000,
  })
  return token
}

/** A ticket that has not expired; it may have been consumed. */
export function findTicket(
  ctx: RealmContext,
  kind: TicketKind,
  token: string,
): Promise<TicketRow | undefined> {
  return ctx.store.tickets.find(kind, hashToken(token), ctx.now())
}

/** Uses a ticket up; of any number of callers one gets it. */
export function consumeTicket(
  ctx: RealmContext,
  kind: TicketKind,
  token: string,
): Promise<TicketRow | undefined> {
  return ctx.store.tickets.consume(kind, hashToken(token), ctx.now())
}

/** A secret of 128 bits or more needs no salt: there is nothing to guess. */
function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
