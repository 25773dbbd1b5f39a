import type { TicketRow } from '../../store/schema.ts'
import { mayRecover } from '../accounts/proven-names.ts'
import type { Client } from '../clients/client.ts'
import { findClient } from '../clients/clients.ts'
import { type RealmContext, transaction } from '../context.ts'
import type { JobPayloads } from '../jobs.ts'
import { digits, randomText } from '../keys/random-text.ts'
import { consumeShortCode, isKnownPlace, refundShortCode } from '../limits/code-limits.ts'
import { consumeSentText } from '../limits/text-limits.ts'
import { doDummyWork, supersedeRequests } from './by-mail.ts'

const lifetimeMs = 5 * 60_000
/** A short code is dead after so many failed guesses of its client: it is guessed with this chance in 10^digits. */
const guessBudget = 30
/** Unless the client is set to more; shorter ones are too easily guessed (ASVS 6.5: 20 bits). */
const minDigits = 6
/** Of a code that nobody guesses: 40 bits. No client can be set to as many. */
const longDigits = 12
/** A code is drawn again when another account has it; with a million of them this is never reached. */
const maxDraws = 50

/**
 * Makes the code of a message: one live code an account, unique among those of a client, and a long one where short ones
 * were asked for too often and not used. `undefined` when nobody may have it, or a newer request has been answered. Throws
 * `rate_limited` when the client or the country has been sent too many: unknown numbers use nothing up.
 */
export async function issueResetCode(
  ctx: RealmContext,
  job: JobPayloads['reset-code-sms'],
): Promise<string | undefined> {
  const account = await ctx.store.accounts.byPhone(job.phone)
  if (!account || !mayRecover(ctx, account, 'phone')) return doDummyWork(ctx, job)
  await consumeSentText(ctx, job.phone, job)
  const isKnown = await isKnownPlace(ctx, account.id, job.place)
  const target = { name: { phone: job.phone }, knownPlace: isKnown ? job.place : undefined }
  const mayBeShort = !job.isSpare && (await consumeShortCode(ctx, target))

  const code = await transaction(ctx, async (ctx) => {
    // The account may have another number since it was found by this one.
    if ((await ctx.store.accounts.lock(account.id))?.phone !== job.phone) return undefined
    const earlier = await ctx.store.resetCodes.liveOf(account.id, ctx.now())
    if (!(await supersedeRequests(ctx, account.id, job.askedAt))) return undefined
    // A stranger's request must not take from its owner what nobody guesses.
    const isShort = mayBeShort && (isKnown || earlier === undefined || earlier.guess_limit !== null)
    return storeCode(ctx, job, { accountId: account.id, isShort })
  })
  const isShort = code !== undefined && !isLong(code)
  if (mayBeShort && !isShort) await refundShortCode(ctx, target)
  return code
}

async function storeCode(
  ctx: RealmContext,
  job: JobPayloads['reset-code-sms'],
  { accountId, isShort }: { accountId: string; isShort: boolean },
): Promise<string> {
  const { dialect, clientId } = job
  const now = ctx.now()
  const length = isShort ? codeLength(findClient(ctx, dialect, clientId)) : longDigits
  const guessLimit = isShort ? (await ctx.store.guessCounts.current(dialect, clientId)) + guessBudget : null
  for (let draw = 0; draw < maxDraws; draw++) {
    const code = randomText(ctx, digits, length)
    const [hash = '', ...others] = hashesOf(ctx, dialect, clientId, code)
    if (await findCode(ctx, others)) continue
    const stored = {
      subject: accountId,
      hash,
      account_id: accountId,
      client_id: clientId,
      dialect,
      created_at: job.askedAt,
      expires_at: now + lifetimeMs,
      guess_limit: guessLimit,
      // Nobody guesses a long one, so it is good from everywhere.
      asked_from: isShort ? job.place : null,
    }
    if (await ctx.store.resetCodes.put(stored, now)) return code
  }
  throw new Error(`no free code of ${length} digits`)
}

/** Whether it can be a long code, and no short one. */
export function isLong(code: string): boolean {
  return code.length >= longDigits
}

function codeLength(client: Client | undefined): number {
  const wanted = client?.settings.codeLength
  return Number.isInteger(wanted) ? Math.max(minDigits, wanted as number) : minDigits
}

/** The unexpired code that has one of these hashes. */
export async function findCode(ctx: RealmContext, hashes: string[]): Promise<TicketRow | undefined> {
  for (const hash of hashes) {
    const ticket = await ctx.store.tickets.find('reset-code', hash, ctx.now())
    if (ticket) return ticket
  }
}

/** A code's hash under each master key, the primary one first; with a key, as short codes could be brute-forced. */
export function hashesOf(ctx: RealmContext, dialect: string, clientId: string, code: string): string[] {
  const macs = ctx.secrets.macs('short-code', `${dialect}\0${clientId}\0${code}`)
  return macs.map((mac) => mac.toString('base64url'))
}
