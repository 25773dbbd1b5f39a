import type { TicketRow } from '../../store/schema.ts'
import { clientRef } from '../clients/clients.ts'
import type { Context, RealmContext, RequestContext } from '../context.ts'
import type { CodeText } from '../jobs.ts'
import { digits, randomText } from '../keys/random-text.ts'
import { consumePerIp, refundUses } from '../limits/account-limits.ts'
import {
  consumeGuess,
  consumeShortCode,
  isKnownPlace,
  nobody,
  placeOf,
  refundGuess,
  refundShortCode,
  resetGuesses,
} from '../limits/code-limits.ts'
import { limits } from '../limits/limits.ts'
import type { NewTicket, TicketKind } from './tickets.ts'

/** As long as all codes of text messages are good. */
const lifetimeSeconds = 5 * 60
const shortDigits = 6
/** Of a code that nobody guesses: 40 bits. */
const longDigits = 12
/** Wrong codes of everybody for one ticket. */
const maxAttempts = 5
/** Guesses of the place that has asked for the code, whatever others have used up. */
const maxOfAsker = 5

/** The message of a code, as the caller asks for it now and the client sends it. */
export function codeText(ctx: Context, phone: string, isSpare: boolean): CodeText {
  const { brand } = ctx.client
  return { phone, ...clientRef(ctx), brand, askedAt: ctx.now(), place: placeOf(ctx, ctx.origin.ip), isSpare }
}

/** Whom a code goes to. */
interface Recipient {
  phone: string
  /** The account that has the number. */
  holderId: string | undefined
  /** From where it was asked for, as a MAC. */
  place: string
  /** It is to be good from everywhere. */
  isSpare: boolean
}

/**
 * Runs `work` with whether the code that it makes may be a short one, and whether it is asked for from where the account has
 * signed in before. `work` says whether it has made a short one, and `undefined` for none.
 */
export async function withCodeForm<Made extends { isShort: boolean } | undefined>(
  ctx: RealmContext,
  { phone, holderId = nobody, place, isSpare }: Recipient,
  work: (form: { mayBeShort: boolean; isKnown: boolean }) => Promise<Made>,
): Promise<Made> {
  const isKnown = await isKnownPlace(ctx, holderId, place)
  const target = { name: { phone }, knownPlace: isKnown ? place : undefined }
  const mayBeShort = !isSpare && (await consumeShortCode(ctx, target))
  const made = await work({ mayBeShort, isKnown })
  if (mayBeShort && !made?.isShort) await refundShortCode(ctx, target)
  return made
}

/**
 * Makes a ticket that a code alone stands for, which is sent to a number; it replaces its subject's. A short one can be
 * guessed at, a long one is good from everywhere and no guess uses it up.
 */
export async function issueTexted(
  ctx: RealmContext,
  { kind, subject, accountId, payload = {}, askedAt, from }: Omit<NewTicket, 'lifetimeSeconds'>,
  { isShort, place }: { isShort: boolean; place: string },
): Promise<string> {
  const code = randomText(ctx, digits, isShort ? shortDigits : longDigits)
  const [hash = ''] = hashesOf(ctx, { kind, subject }, code)
  const now = ctx.now()
  await ctx.store.tickets.put({
    kind,
    subject,
    hash,
    account_id: accountId ?? null,
    client_id: from.clientId,
    dialect: from.dialect,
    payload: JSON.stringify({ ...payload, isShort }),
    created_at: askedAt ?? now,
    expires_at: now + lifetimeSeconds * 1000,
    asked_from: isShort ? place : null,
  })
  return code
}

/** Whether the code of a ticket is one that can be guessed at. */
export function isShortCode({ payload }: TicketRow): boolean {
  return JSON.parse(payload).isShort === true
}

/**
 * The ticket of a number that a typed code stands for, if it is its code, still to be used up. A guess is counted before it is
 * judged: for the ticket, for the number over all its codes, and for the caller's IP; and alike where nobody has the number.
 * `undefined` for a code that is wrong, used, expired, or worn out. Throws `rate_limited` for the IP alone. Never part of a
 * transaction.
 */
export async function findByTextedCode(
  ctx: RequestContext,
  { phone, code }: { phone: string; code: string },
  of: { kind: TicketKind; subject: string },
): Promise<TicketRow | undefined> {
  const uses = await consumePerIp(ctx, [{ rule: limits.codesPerIp }])
  const isLong = code.length >= longDigits
  // Only short ones are guessed.
  const guess = isLong ? undefined : await consumeGuess(ctx, { phone })
  const judge = isLong ? judgeLong : judgeShort
  const ticket = await judge(ctx, of, { code, isWithin: guess?.isWithin ?? true })
  if (!ticket) return undefined
  await refundUses(ctx, uses)
  await refundGuess(ctx, guess)
  await resetGuesses(ctx, { phone })
  return ticket
}

type Judge = (
  ctx: RequestContext,
  of: { kind: TicketKind; subject: string },
  typed: { code: string; isWithin: boolean },
) => Promise<TicketRow | undefined>

const judgeShort: Judge = async (ctx, of, { code, isWithin }) => {
  const guesser = { place: placeOf(ctx, ctx.origin.ip), max: maxOfAsker }
  const maxOfAll = isWithin ? maxAttempts : 0
  const ticket = await ctx.store.resetCodes.guess(of, { guesser, maxOfAll, now: ctx.now() })
  return ticket && hashesOf(ctx, of, code).includes(ticket.hash) ? ticket : undefined
}

const judgeLong: Judge = async (ctx, of, { code }) => {
  const ticket = await ctx.store.tickets.liveOf(of.kind, of.subject, ctx.now())
  return ticket && hashesOf(ctx, of, code).includes(ticket.hash) ? ticket : undefined
}

/** With a key, as short codes could be brute-forced; under each master key, the primary one first. */
function hashesOf(
  { secrets }: RealmContext,
  { kind, subject }: { kind: TicketKind; subject: string },
  code: string,
): string[] {
  return secrets.macs('short-code', `${kind}\0${subject}\0${code}`).map((mac) => mac.toString('base64url'))
}
