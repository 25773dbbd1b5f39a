import type { AccountRow, TicketRow } from '../store/schema.ts'
import { recordEvent } from './audit.ts'
import { findClient } from './clients.ts'
import { type Context, type RealmContext, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import { addJob, type JobPayloads } from './jobs.ts'
import { limits } from './limits.ts'
import { checkPassword } from './passwords.ts'
import { countryPrefix } from './phones.ts'
import { digits, randomText } from './random-text.ts'
import { setRecoveredPassword } from './recovery.ts'

/** Five minutes, in seconds. */
const lifetime = 5 * 60
/** Failed guesses of a client that a code survives, so a code is guessed with at most this many in 10^digits. */
const guessBudget = 30
/** Wrong codes for one named account. */
const mostAttempts = 5
const defaultCodeLength = 6
/** A code is drawn again when another account has it; with a million of them this is never reached. */
const mostDraws = 50

/**
 * Has a code sent to the phone of an account, if there is one: that is found out by the job, so that the answer
 * cannot tell. `phone` is E.164. A country that is not allowed gets no message and the same answer. Throws
 * `rate_limited`.
 */
export async function requestResetCode(ctx: Context, phone: string): Promise<void> {
  const { dialect } = ctx.door
  await ctx.limiter.take(limits.smsAddress, ctx.origin.ip)
  await ctx.limiter.take(limits.smsNumber, phone)
  await ctx.limiter.take(limits.smsClient, `${dialect} ${ctx.client.id}`)
  await ctx.limiter.take(limits.smsCountry, countryPrefix(phone))
  await transaction(ctx, async (ctx) => {
    await recordEvent(ctx, 'password.reset_requested', { outcome: 'success', detail: 'sms' })
    await addJob(ctx, 'reset-code-sms', { phone, dialect, clientId: ctx.client.id, brand: ctx.client.brand })
  })
}

/**
 * Makes the code of a message: one live code an account, and no code twice among the live ones of a client.
 * `undefined` when nobody has this number.
 */
export async function issueResetCode(
  ctx: RealmContext,
  job: JobPayloads['reset-code-sms'],
): Promise<string | undefined> {
  const account = await ctx.store.accounts.byPhone(job.phone)
  if (!account || account.disabled_at !== null) return undefined
  const length = codeLength(findClient(ctx, job.dialect, job.clientId)?.settings)

  return transaction(ctx, async (ctx) => {
    const now = ctx.now()
    // A newer request by any channel voids the older ones.
    await ctx.store.tickets.consumeAll(account.id, ['reset-password'], now)
    const failures = await ctx.store.guessCounts.current(job.dialect, job.clientId)
    for (let draw = 0; draw < mostDraws; draw++) {
      const code = randomText(ctx, digits, length)
      const ticket = {
        kind: 'reset-code',
        subject: account.id,
        hash: hashCode(ctx, job.dialect, job.clientId, code),
        account_id: account.id,
        client_id: job.clientId,
        dialect: job.dialect,
        payload: '{}',
        created_at: now,
        expires_at: now + lifetime * 1000,
        guess_limit: failures + guessBudget,
      }
      if (await ctx.store.tickets.putUnique(ticket, now)) return code
    }
    throw new Error(`no free code of ${length} digits`)
  })
}

/**
 * Sets a new password with a code from a message, ends every session of the account and tells its owner. With
 * `phone` the code is held against that account alone, five times; without it every wrong code counts against all
 * live codes of the client. Throws `ticket_invalid`, `password_rejected`, `rate_limited`, `overloaded`.
 */
export async function resetPasswordByCode(
  ctx: Context,
  input: { code: string; password: string; phone?: string },
): Promise<AccountRow> {
  checkPassword(ctx.realm, input.password)
  await ctx.limiter.take(limits.codeAddress, ctx.origin.ip)
  const passwordHash = await ctx.hasher.hash(input.password)
  const hash = hashCode(ctx, ctx.door.dialect, ctx.client.id, input.code)

  // The count of a failed guess must outlive the refusal, so that is thrown after the commit.
  const account = await transaction(ctx, async (ctx) => {
    const ticket =
      input.phone === undefined ? await guessAmongAll(ctx, hash) : await guessFor(ctx, input.phone, hash)
    return ticket?.account_id ? setRecoveredPassword(ctx, ticket, ticket.account_id, passwordHash) : undefined
  })
  if (!account) throw new AuthError('ticket_invalid')
  await ctx.limiter.giveBack(limits.codeAddress, ctx.origin.ip)
  if (account.phone !== null) await ctx.store.accounts.verifyPhone(account.id, account.phone, ctx.now())
  return account
}

/** Counts the guess first: whichever way guesses are interleaved, a code is tried by no more than its budget. */
async function guessAmongAll(ctx: Context, hash: string): Promise<TicketRow | undefined> {
  const { dialect } = ctx.door
  const guess = await ctx.store.guessCounts.add(dialect, ctx.client.id)
  const ticket = await ctx.store.tickets.consumeGuessed('reset-code', hash, { guess, now: ctx.now() })
  if (ticket) await ctx.store.guessCounts.takeBack(dialect, ctx.client.id)
  return ticket
}

async function guessFor(ctx: Context, phone: string, hash: string): Promise<TicketRow | undefined> {
  const now = ctx.now()
  const account = await ctx.store.accounts.byPhone(phone)
  if (!account) return undefined
  const ticket = await ctx.store.tickets.attempt(
    'reset-code',
    { subject: account.id },
    { most: mostAttempts, now },
  )
  return ticket?.hash === hash ? ctx.store.tickets.consume('reset-code', hash, now) : undefined
}

function codeLength(settings: Record<string, unknown> | undefined): number {
  return (settings?.codeLength as number | undefined) ?? defaultCodeLength
}

/** Short codes could be found by trying all of them against a bare hash, so the hash has a key. */
function hashCode(ctx: RealmContext, dialect: string, clientId: string, code: string): string {
  return ctx.secrets.mac('short-code', `${dialect}\0${clientId}\0${code}`).toString('base64url')
}
