import type { AccountRow, TicketRow } from '../../store/schema.ts'
import type { Guesser } from '../../store/tables/reset-codes.ts'
import { mayRecover } from '../accounts/proven-names.ts'
import type { Context } from '../context.ts'
import { nobody, placeOf } from '../limits/code-limits.ts'
import { findCode, hashesOf, isLong } from './reset-codes.ts'

/** Tries for one named account. */
const maxAttempts = 5
/** Guesses of the place that has asked for the code, whatever others have used up. */
const maxOfAsker = 5

/** A code that was right and is used up now, and whose it was; the account's row is locked. */
export interface Guessed {
  ticket: TicketRow
  owner: AccountRow
}

/**
 * Judges a code, and counts it when it is wrong; part of a transaction. With `phone` it is checked against that account
 * alone, where `isWithin` allows guesses from everywhere.
 */
export function judgeCode(
  ctx: Context,
  typed: { code: string; phone?: string; isWithin: boolean },
): Promise<Guessed | undefined> {
  const { code, phone, isWithin } = typed
  const hashes = hashesOf(ctx, ctx.door.dialect, ctx.client.id, code)
  if (isLong(code)) return useLong(ctx, { hashes, phone })
  if (phone === undefined) return guessAmongAll(ctx, hashes)
  return guessFor(ctx, { hashes, phone, isWithin })
}

/** Nobody guesses a long code, so none is used up by those who try. */
async function useLong(
  ctx: Context,
  { hashes, phone }: { hashes: string[]; phone?: string },
): Promise<Guessed | undefined> {
  const found = await findCode(ctx, hashes)
  const owner = await ctx.store.accounts.lock(found?.account_id ?? nobody)
  if (!found || !owner || !mayRecover(ctx, owner, 'phone')) return undefined
  if (phone !== undefined && owner.phone !== phone) return undefined
  const ticket = await ctx.store.resetCodes.consumeLong(found.hash, ctx.now())
  return ticket && { ticket, owner }
}

/**
 * Counts the guess first, which serializes those of a client: a code is tried no more often than its budget. A right
 * guess is uncounted, and a wrong one also counts for the codes that were asked for from the guesser's place.
 */
async function guessAmongAll(ctx: Context, hashes: string[]): Promise<Guessed | undefined> {
  const { door, client, store } = ctx
  const guess = await store.guessCounts.add(door.dialect, client.id)
  const guessed = await useGuessed(ctx, { hashes, guess })
  if (guessed) {
    await store.guessCounts.refund(door.dialect, client.id)
    return guessed
  }
  const { place } = guesserOf(ctx)
  const of = { dialect: door.dialect, client_id: client.id }
  await store.resetCodes.countAtAsker(of, { place, now: ctx.now() })
  return undefined
}

async function useGuessed(
  ctx: Context,
  { hashes, guess }: { hashes: string[]; guess: number },
): Promise<Guessed | undefined> {
  const found = await findCode(ctx, hashes)
  const guesser = guesserOf(ctx)
  const isOpen = (found?.guess_limit ?? 0) >= guess || found?.asked_from === guesser.place
  if (!found?.account_id || !isOpen) return undefined
  const owner = await ctx.store.accounts.lock(found.account_id)
  // The e-mail address may have been proven, or the account disabled, since the code was sent.
  if (!owner || !mayRecover(ctx, owner, 'phone')) return undefined
  const ticket = await ctx.store.resetCodes.consumeGuessed(found.hash, { guesser, guess, now: ctx.now() })
  return ticket && { ticket, owner }
}

/** Judges a code for one number, and does as much for an unknown one, so that it takes as long. */
async function guessFor(
  ctx: Context,
  { hashes, phone, isWithin }: { hashes: string[]; phone: string; isWithin: boolean },
): Promise<Guessed | undefined> {
  const now = ctx.now()
  const account = await ctx.store.accounts.byPhone(phone)
  const subject = account?.id ?? nobody
  const owner = await ctx.store.accounts.lock(subject)
  const max = isWithin ? maxAttempts : 0
  const of = { kind: 'reset-code', subject }
  const ticket = await ctx.store.resetCodes.guess(of, { guesser: guesserOf(ctx), maxOfAll: max, now })
  if (!owner || !mayRecover(ctx, owner, 'phone') || !ticket || !hashes.includes(ticket.hash)) return undefined
  const consumed = await ctx.store.tickets.consume('reset-code', ticket.hash, now)
  return consumed && { ticket: consumed, owner }
}

function guesserOf(ctx: Context): Guesser {
  return { place: placeOf(ctx, ctx.origin.ip), max: maxOfAsker }
}
