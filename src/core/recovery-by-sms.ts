import type { AccountRow, TicketRow } from '../store/schema.ts'
import { takeAtAddress, takeFromAccount } from './account-limits.ts'
import { recordEvent } from './audit.ts'
import { type Client, findClient } from './clients.ts'
import { type Context, type RealmContext, stopClock, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import { identifierKey } from './identifiers.ts'
import { addJob, type JobPayloads } from './jobs.ts'
import { limits } from './limits.ts'
import { hashPassword } from './password-forms.ts'
import { checkPassword, forgiveWrongPasswords } from './passwords.ts'
import { countryPrefix } from './phones.ts'
import { mayRecover } from './proven-names.ts'
import { digits, randomText } from './random-text.ts'
import { issueToNobody, setRecoveredPassword, supersedeRequests } from './recovery.ts'

/** Five minutes, in seconds. */
const lifetime = 5 * 60
/** A code is dead after so many failed guesses of its client: it is guessed with this chance in 10^digits. */
const guessBudget = 30
/** Codes that may be tried for one named account. */
const mostAttempts = 5
/** Unless the client is set to more; shorter ones are too easily guessed (ASVS 6.5: 20 bits). */
const fewestDigits = 6
/** A code is drawn again when another account has it; with a million of them this is never reached. */
const mostDraws = 50
/** The id of no account. */
const nobody = '00000000-0000-0000-0000-000000000000'

/**
 * Has a code sent to the phone of an account, if there is one: that is found out by the job, so that the
 * answer cannot tell. `phone` is E.164. A country that is not allowed gets no message and the same answer.
 * Throws `rate_limited`.
 */
export async function requestResetCode(ctx: Context, phone: string): Promise<void> {
  const key = identifierKey({ phone })
  await takeAtAddress(ctx, [{ rule: limits.smsAddress }, { rule: limits.smsNumberAtAddress, key }])
  const use = { rule: limits.smsNumber, ruleAtKnown: limits.smsNumberAtKnownAddress, key }
  await takeFromAccount(ctx, use, () => ctx.store.accounts.byPhone(phone))
  await transaction(ctx, async (ctx) => {
    const { door, client } = ctx
    await recordEvent(ctx, 'password.reset_requested', { outcome: 'success', subject: key, detail: 'sms' })
    await addJob(ctx, 'reset-code-sms', {
      phone,
      dialect: door.dialect,
      clientId: client.id,
      brand: client.brand,
      askedAt: ctx.now(),
    })
  })
}

/**
 * Makes the code of a message: one live code an account, and no code twice among the live ones of a client.
 * `undefined` when nobody with a right to it has this number, or a newer request has been answered by now.
 * Throws `rate_limited` when the client, or the country, has been sent too many: these count messages and not
 * requests, so that requests for numbers of nobody use nothing up.
 */
export async function issueResetCode(
  ctx: RealmContext,
  job: JobPayloads['reset-code-sms'],
): Promise<string | undefined> {
  const account = await ctx.store.accounts.byPhone(job.phone)
  if (!account || !mayRecover(ctx, account, 'phone')) return issueToNobody(ctx, job)
  await ctx.limiter.take(limits.smsClient, `${job.dialect} ${job.clientId}`)
  await ctx.limiter.take(limits.smsCountry, countryPrefix(job.phone))
  const length = codeLength(findClient(ctx, job.dialect, job.clientId))

  return transaction(ctx, async (ctx) => {
    if (!(await supersedeRequests(ctx, account.id, job.askedAt))) return undefined
    const now = ctx.now()
    const failures = await ctx.store.guessCounts.current(job.dialect, job.clientId)
    for (let draw = 0; draw < mostDraws; draw++) {
      const code = randomText(ctx, digits, length)
      const [hash = '', ...others] = hashesOf(ctx, job.dialect, job.clientId, code)
      if (await findCode(ctx, others)) continue
      const ticket = {
        kind: 'reset-code',
        subject: account.id,
        hash,
        account_id: account.id,
        client_id: job.clientId,
        dialect: job.dialect,
        payload: '{}',
        created_at: job.askedAt,
        expires_at: now + lifetime * 1000,
        guess_limit: failures + guessBudget,
      }
      if (await ctx.store.tickets.putUnique(ticket, now)) return code
    }
    throw new Error(`no free code of ${length} digits`)
  })
}

/**
 * Sets a new password with a code from a message, ends every session of the account and tells its owner;
 * `next` is in the same transaction, so that both happen or neither. With `phone` the code is held against
 * that account alone, five times; without it every wrong code counts against all live codes of the client.
 * Blanks in a code do not count, as phones show `119 345`. Throws `ticket_invalid`, `password_rejected`,
 * `rate_limited`, `overloaded`.
 */
export async function resetPasswordByCodeAnd<T>(
  ctx: Context,
  input: { code: string; password: string; phone?: string },
  next: (ctx: Context, account: AccountRow) => Promise<T>,
): Promise<T> {
  // Whose code it is must not show before it is judged, so nothing else is known of the owner.
  await checkPassword(ctx, input.password, { phone: input.phone })
  // Before the code is looked at, so that nobody gets ahead of the count by asking many times at once.
  await ctx.limiter.take(limits.codeAddress, ctx.origin.ip)
  let isWrong = false
  try {
    // A right code takes no longer than a wrong one, or the dead ones could be told from the wrong ones.
    const passwordHash = await hashPassword(ctx, input.password)
    // The count of a failed guess must outlive the refusal, so that is thrown after the commit.
    const done = await transaction(stopClock(ctx), (ctx) => redeem(ctx, { ...input, passwordHash }, next))
    isWrong = done === undefined
    if (!done) throw new AuthError('ticket_invalid')
    await forgiveWrongPasswords(ctx, done.account)
    return done.result
  } finally {
    if (!isWrong) await ctx.limiter.giveBack(limits.codeAddress, ctx.origin.ip)
  }
}

async function redeem<T>(
  ctx: Context,
  { code, phone, passwordHash }: { code: string; phone?: string; passwordHash: string },
  next: (ctx: Context, account: AccountRow) => Promise<T>,
): Promise<{ account: AccountRow; result: T } | undefined> {
  const hashes = hashesOf(ctx, ctx.door.dialect, ctx.client.id, code.replaceAll(/\s/g, ''))
  const guessed = phone === undefined ? await guessAmongAll(ctx, hashes) : await guessFor(ctx, phone, hashes)
  // Whoever has the code reads the messages.
  const recovered = { hash: passwordHash, name: 'phone' } as const
  const account = guessed && (await setRecoveredPassword(ctx, guessed.ticket, guessed.owner, recovered))
  if (!account) {
    const subject = phone === undefined ? undefined : identifierKey({ phone })
    await recordEvent(ctx, 'password.reset', { outcome: 'refused', subject, detail: 'code' })
    return undefined
  }
  return { account, result: await next(ctx, account) }
}

/**
 * Counts the guess first, which makes those of a client wait for one another: however they come, a code is
 * tried no more often than its budget. A right guess is not counted in the end.
 */
async function guessAmongAll(ctx: Context, hashes: string[]): Promise<Guessed | undefined> {
  const { dialect } = ctx.door
  const now = ctx.now()
  const guess = await ctx.store.guessCounts.add(dialect, ctx.client.id)
  const found = await findCode(ctx, hashes)
  if (!found?.account_id || (found.guess_limit ?? 0) < guess) return undefined
  const owner = await ctx.store.accounts.lock(found.account_id)
  // The e-mail address may have been proven, or the account disabled, since the code was sent.
  if (!owner || !mayRecover(ctx, owner, 'phone')) return undefined
  const ticket = await ctx.store.tickets.consumeGuessed('reset-code', found.hash, { guess, now })
  if (!ticket) return undefined
  await ctx.store.guessCounts.takeBack(dialect, ctx.client.id)
  return { ticket, owner }
}

/** Does the same for a number that nobody has, so that it takes as long. */
async function guessFor(ctx: Context, phone: string, hashes: string[]): Promise<Guessed | undefined> {
  const now = ctx.now()
  const account = await ctx.store.accounts.byPhone(phone)
  const subject = account?.id ?? nobody
  const owner = await ctx.store.accounts.lock(subject)
  const ticket = await ctx.store.tickets.attempt('reset-code', { subject }, { most: mostAttempts, now })
  if (!owner || !mayRecover(ctx, owner, 'phone') || !ticket || !hashes.includes(ticket.hash)) return undefined
  const consumed = await ctx.store.tickets.consume('reset-code', ticket.hash, now)
  return consumed && { ticket: consumed, owner }
}

/** A code that was right and is used up now, and whose it was; the account's row is locked. */
interface Guessed {
  ticket: TicketRow
  owner: AccountRow
}

function codeLength(client: Client | undefined): number {
  const wanted = client?.settings.codeLength
  return Number.isInteger(wanted) ? Math.max(fewestDigits, wanted as number) : fewestDigits
}

/** The unexpired code that has one of these hashes. */
async function findCode(ctx: RealmContext, hashes: string[]): Promise<TicketRow | undefined> {
  for (const hash of hashes) {
    const ticket = await ctx.store.tickets.find('reset-code', hash, ctx.now())
    if (ticket) return ticket
  }
}

/**
 * A code's hash, and after it those that it would have under the other master keys. Short codes could be found by
 * trying all of them against a bare hash, so the hash has a key.
 */
function hashesOf(ctx: RealmContext, dialect: string, clientId: string, code: string): string[] {
  const macs = ctx.secrets.macs('short-code', `${dialect}\0${clientId}\0${code}`)
  return macs.map((mac) => mac.toString('base64url'))
}
