import { createHash } from 'node:crypto'
import type { TicketRow } from '../../store/schema.ts'
import type { Client, ClientRef } from '../clients/client.ts'
import { findClient } from '../clients/clients.ts'
import type { Context, RealmContext } from '../context.ts'
import { lettersAndDigits, randomText } from '../keys/random-text.ts'

export type TicketKind =
  | 'reset-password'
  | 'reset-code'
  | 'verify-email'
  | 'confirm-sign-up'
  | 'mailed-sign-in'
  | 'texted-sign-in'
  | 'mailed-exchange'
  | 'invitation'
  | 'second-factor'
  | 'factor-challenge'
  | 'login'
  | 'login-code'
  | 'email-change'
  | 'email-change-new'
  | 'email-change-current'
  | 'phone-change'
  | 'phone-change-new'
  | 'names-undo'
  | 'reauthentication'
  | 'passkey-add'
  | 'passkey-prove'
  | 'identity-attempt'
  | 'identity-pending'
  | 'operator-invitation'
  | 'operator-login'

/** What a ticket is found by. */
export type TicketSecret = [kind: TicketKind, token: string]

/** Changes of an account's address that were asked for. */
export const emailChangeKinds: TicketKind[] = ['email-change', 'email-change-new', 'email-change-current']

/** Changes of an account's number that were asked for. */
export const phoneChangeKinds: TicketKind[] = ['phone-change', 'phone-change-new']

/** Links and codes to the address that an account leaves. */
export const voidedByNewEmail: TicketKind[] = [
  ...emailChangeKinds,
  'reset-password',
  'confirm-sign-up',
  'invitation',
  'reauthentication',
]

/** Codes to the number that an account leaves. */
export const voidedByNewPhone: TicketKind[] = [...phoneChangeKinds, 'reset-code', 'texted-sign-in']

/** What a new password makes void: other ways to set one, and what was begun by those who had the old one. */
export const voidedByNewPassword: TicketKind[] = [
  ...emailChangeKinds,
  ...phoneChangeKinds,
  'reset-password',
  'reset-code',
  'reauthentication',
  'mailed-sign-in',
  'texted-sign-in',
  'invitation',
  'second-factor',
  'login-code',
  'identity-attempt',
]

export interface NewTicket {
  kind: TicketKind
  /** Has one ticket of a kind: a new one replaces it. */
  subject: string
  accountId?: string
  lifetimeSeconds: number
  payload?: object
  /** Epoch milliseconds; now where it is missing. */
  askedAt?: number
  from: ClientRef
}

/**
 * Makes a ticket and returns its secret, of which only the hash is kept: 256 bits in hex, as vastly's document shows
 * it; a challenge is 64 letters and digits, as wolfpal's does.
 */
export async function issueTicket(ctx: RealmContext, ticket: NewTicket): Promise<string> {
  const isChallenge = ticket.kind === 'second-factor'
  const token = isChallenge ? randomText(ctx, lettersAndDigits, 64) : ctx.randomBytes(32).toString('hex')
  await keepTicket(ctx, ticket, token)
  return token
}

/** Keeps a ticket with a secret that has been made for it, of 128 bits or more. */
export async function keepTicket(
  ctx: RealmContext,
  { kind, subject, accountId, lifetimeSeconds, payload = {}, askedAt, from }: NewTicket,
  token: string,
): Promise<void> {
  const now = ctx.now()
  await ctx.store.tickets.put({
    kind,
    subject,
    hash: hashToken(token),
    account_id: accountId ?? null,
    client_id: from.clientId,
    dialect: from.dialect,
    payload: JSON.stringify(payload),
    created_at: askedAt ?? now,
    expires_at: now + lifetimeSeconds * 1000,
  })
}

/** A ticket that has not expired; it may have been consumed. */
export function findTicket(
  ctx: RealmContext,
  kind: TicketKind,
  token: string,
): Promise<TicketRow | undefined> {
  return ctx.store.tickets.find(kind, hashToken(token), ctx.now())
}

/** A ticket, though it may have been consumed or expired, as long as it has not been cleared away. */
export function findOldTicket(
  ctx: RealmContext,
  kind: TicketKind,
  token: string,
): Promise<TicketRow | undefined> {
  return ctx.store.tickets.find(kind, hashToken(token), 0)
}

/** The client that had a ticket made at this door; `undefined` for one that is unknown, expired or of another door. */
export async function ticketClient(
  ctx: Context,
  kind: TicketKind,
  token: string,
): Promise<Client | undefined> {
  const ticket = await findTicket(ctx, kind, token)
  if (ticket?.dialect !== ctx.door.dialect || ticket.client_id === null) return undefined
  return findClient(ctx, ticket.dialect, ticket.client_id)
}

/** Uses a ticket up; of any number of callers one gets it. */
export function consumeTicket(
  ctx: RealmContext,
  kind: TicketKind,
  token: string,
): Promise<TicketRow | undefined> {
  return ctx.store.tickets.consume(kind, hashToken(token), ctx.now())
}

/** Uses a ticket up that was found by what it is for; of any number of callers one gets it. */
export function consumeFound(
  ctx: RealmContext,
  { kind, hash }: Pick<TicketRow, 'kind' | 'hash'>,
): Promise<TicketRow | undefined> {
  return ctx.store.tickets.consume(kind, hash, ctx.now())
}

/** Counts an attempt at a ticket before it is judged; `undefined` when it has had `max`, or is dead. */
export function attemptTicket(
  ctx: RealmContext,
  kind: TicketKind,
  token: string,
  max: number,
): Promise<TicketRow | undefined> {
  return ctx.store.tickets.attempt(kind, hashToken(token), { max, now: ctx.now() })
}

/** A secret of 128 bits or more needs no salt: there is nothing to guess. */
function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
