import type { TicketRow } from '../../store/schema.ts'
import type { RealmContext, RequestContext } from '../context.ts'
import { digits, randomText } from '../keys/random-text.ts'
import { consumePerIp, refundUses } from '../limits/account-limits.ts'
import { consumeGuess, refundGuess, resetGuesses } from '../limits/code-limits.ts'
import { limits } from '../limits/limits.ts'
import { issueTicket, type NewTicket, type TicketKind } from './tickets.ts'

const codeLength = 6
/** Wrong codes for one ticket; its link stays good. */
const maxAttempts = 5

/** The secret of a ticket in the two forms that a mail has: in a link, and where it was wished, six digits to be typed. */
export interface MailedSecret {
  token: string
  code?: string
}

/** What a mail is to have beside its link, and who alone is to use that. */
export interface MailWish {
  /** A code, to be typed where the mail was asked for. */
  withCode?: boolean | undefined
  /** Of whoever has asked for the mail: base64url(SHA-256(verifier)) (RFC 7636 §4.2). */
  challenge?: string | undefined
}

/** Makes a ticket as `issueTicket` does, with a code where one is wished, of which only a MAC is kept. */
export async function issueMailed(
  ctx: RealmContext,
  ticket: NewTicket,
  { withCode = false, challenge }: MailWish,
): Promise<MailedSecret> {
  const challenged = { ...ticket, payload: { ...ticket.payload, challenge } }
  return withCode ? issueWithCode(ctx, challenged) : { token: await issueTicket(ctx, challenged) }
}

/** Makes a ticket as `issueTicket` does, and a code of six digits that stands for it, too. */
export async function issueWithCode(ctx: RealmContext, ticket: NewTicket): Promise<Required<MailedSecret>> {
  const code = randomText(ctx, digits, codeLength)
  const mac = ctx.secrets.mac('short-code', macInput(ticket, code)).toString('base64url')
  const token = await issueTicket(ctx, { ...ticket, payload: { ...ticket.payload, code: mac } })
  return { token, code }
}

/**
 * The ticket among those of a mailbox that a typed code stands for, still to be used up. A guess is counted before it is
 * judged: for the ticket, for the mailbox over all its codes, and for the caller's IP. `undefined` for a code that is wrong,
 * used, expired, or worn out. Throws `rate_limited` for the IP alone. Never part of a transaction.
 */
export async function findByCode(
  ctx: RequestContext,
  { email, code }: { email: string; code: string },
  among: { kind: TicketKind; subject: string }[],
): Promise<TicketRow | undefined> {
  const uses = await consumePerIp(ctx, [{ rule: limits.mailedCodesPerIp }])
  const guess = await consumeGuess(ctx, { email })
  const found: TicketRow[] = []
  for (const { kind, subject } of among) {
    const ticket = await ctx.store.tickets.guessOf(kind, subject, { max: maxAttempts, now: ctx.now() })
    if (ticket && isCodeOf(ctx, ticket, code)) found.push(ticket)
  }
  const [ticket] = guess.isWithin ? found : []
  if (!ticket) return undefined
  await refundUses(ctx, uses)
  await refundGuess(ctx, guess)
  await resetGuesses(ctx, { email })
  return ticket
}

function isCodeOf(ctx: RealmContext, ticket: TicketRow, code: string): boolean {
  const { code: mac } = payloadOf(ticket)
  if (mac === undefined) return false
  return (
    ctx.secrets.verifyMac('short-code', macInput(ticket, code), Buffer.from(mac, 'base64url')) !== undefined
  )
}

/** What the payload of a ticket of a mail holds, of whatever kind it is. */
export function payloadOf({ payload }: Pick<TicketRow, 'payload'>): { code?: string; challenge?: string } {
  return JSON.parse(payload)
}

function macInput({ kind, subject }: { kind: string; subject: string }, code: string): string {
  return `${kind}\0${subject}\0${code}`
}
