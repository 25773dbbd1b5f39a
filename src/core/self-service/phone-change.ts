import type { AccountRow, TicketRow } from '../../store/schema.ts'
import { identifierKey } from '../accounts/identifiers.ts'
import { recordEvent, recordRefusal } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import { type Context, type RealmContext, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob, type JobPayloads } from '../jobs.ts'
import { digits, randomText } from '../keys/random-text.ts'
import { consumePerIp } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { consumeSentText } from '../limits/text-limits.ts'
import { issueTicket, type TicketKind, voidedByNewPhone } from '../recovery/tickets.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { withoutBlanks } from '../sign-in/authenticator.ts'
import { maskPhone } from '../text/masked-names.ts'
import { holderOf, isYielded, mustBeLive, withFreeName } from './held-names.ts'
import { requireRecentProof } from './recent-proof.ts'
import { keepForUndo } from './undo-change.ts'

/** As long as other codes of text messages are good. */
const lifetimeSeconds = 5 * 60
const codeLength = 6
/** Guesses at one code. */
const maxGuesses = 5
const kind: TicketKind = 'phone-change'

/**
 * Has a code sent to a number that the caller's account is to have, in E.164. To one that another account has nothing is
 * sent, and the caller gets the same answer. Throws `recent_sign_in_needed`, `rate_limited`, and `access_invalid` when the
 * caller's session has ended meanwhile.
 */
export async function requestPhoneChange(ctx: Context, caller: Caller, phone: string): Promise<void> {
  requireRecentProof(ctx, caller)
  const accountId = caller.account.id
  const key = identifierKey({ phone })
  await ctx.limiter.consume(limits.nameChangesPerAccount, accountId)
  await consumePerIp(ctx, [{ rule: limits.smsPerIp }, { rule: limits.smsPerNumberAndIp, key }])
  await ctx.limiter.consume(limits.smsPerNumber, key)
  await asCaller(ctx, caller, async (ctx) => {
    // No code is right until the message is made.
    const payload = { phone }
    await issueTicket(ctx, {
      kind,
      subject: accountId,
      accountId,
      lifetimeSeconds,
      payload,
      from: clientRef(ctx),
    })
    await recordEvent(ctx, 'phone.change_requested', { accountId, sessionId: caller.session.id })
    const { brand } = ctx.client
    await addJob(ctx, 'phone-change-sms', { accountId, phone, brand, askedAt: ctx.now() })
  })
}

/** The number that the caller's account is to have once its code is typed; `undefined` for none. */
export async function pendingPhone(
  ctx: RealmContext,
  { account }: Pick<Caller, 'account'>,
): Promise<string | undefined> {
  const ticket = await ctx.store.tickets.liveOf(kind, account.id, ctx.now())
  return ticket && phoneOf(ticket)
}

function phoneOf({ payload }: TicketRow): string {
  return JSON.parse(payload).phone
}

/**
 * Makes the code of the message of a change. `undefined` where another account keeps the number, or the account does not
 * want it any more. Throws `rate_limited` when the client or the country has been sent too many.
 */
export async function issuePhoneCode(
  ctx: RealmContext,
  { accountId, phone }: JobPayloads['phone-change-sms'],
): Promise<string | undefined> {
  const holder = await holderOf(ctx, { name: 'phone', value: phone }, accountId)
  if (holder && !isYielded(holder, 'phone')) return undefined
  const pending = await ctx.store.tickets.liveOf(kind, accountId, ctx.now())
  if (!pending || phoneOf(pending) !== phone) return undefined
  await consumeSentText(ctx, phone, { dialect: pending.dialect, clientId: pending.client_id })
  const code = randomText(ctx, digits, codeLength)
  return transaction(ctx, async (ctx) => {
    await ctx.store.accounts.lock(accountId)
    const ticket = await ctx.store.tickets.liveOf(kind, accountId, ctx.now())
    if (!ticket || phoneOf(ticket) !== phone) return undefined
    const { client_id, dialect, payload, created_at } = ticket
    const [hash = ''] = hashesOf(ctx, accountId, code)
    await ctx.store.tickets.put({
      kind,
      subject: accountId,
      hash,
      account_id: accountId,
      client_id,
      dialect,
      payload,
      created_at,
      expires_at: ctx.now() + lifetimeSeconds * 1000,
    })
    return code
  })
}

/** With a key, as short codes could be brute-forced; under each master key, the primary one first. */
function hashesOf({ secrets }: RealmContext, accountId: string, code: string): string[] {
  const macs = secrets.macs('short-code', `phone-change\0${accountId}\0${code}`)
  return macs.map((mac) => mac.toString('base64url'))
}

/**
 * Gives the caller's account the number that a code has proven; blanks in a code are ignored. Sessions stay, codes to the
 * old number are void, and the owner is told by mail and at the old number. Throws `ticket_invalid`, `phone_taken`,
 * `rate_limited`, and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function confirmPhoneChange(ctx: Context, caller: Caller, typed: string): Promise<AccountRow> {
  const accountId = caller.account.id
  const { phone, hash } = await judgeCode(ctx, caller, withoutBlanks(typed))
  const named = { name: 'phone', value: phone } as const
  return withFreeName(ctx, { accountId, named }, async (ctx) => {
    const before = await mustBeLive(ctx, caller)
    if (!(await ctx.store.tickets.consume(kind, hash, ctx.now()))) throw new AuthError('ticket_invalid')
    const changed = await ctx.store.accounts.changePhone(accountId, phone, ctx.now())
    if (!changed) throw new AuthError('access_invalid')
    const event = before.phone === phone ? 'phone.verified' : 'phone.changed'
    await recordEvent(ctx, event, { accountId, sessionId: caller.session.id })
    await followPhoneChange(ctx, before, maskPhone(phone))
    return changed
  })
}

/** Counts a guess before it is judged, so that nobody gets ahead of the count by asking many times at once. */
async function judgeCode(
  ctx: Context,
  { account: { id }, session }: Caller,
  code: string,
): Promise<{ phone: string; hash: string }> {
  const { ip } = ctx.origin
  await ctx.limiter.consume(limits.codesPerIp, ip)
  const pending = await ctx.store.tickets.liveOf(kind, id, ctx.now())
  const phone = pending && phoneOf(pending)
  // A count of its own: strangers do not use up what the owner of the number has for a new password.
  const key = `change ${identifierKey({ phone: phone ?? '' })}`
  await ctx.limiter.consume(limits.codesPerNumber, key)
  const ticket = await ctx.store.tickets.guessOf(kind, id, { max: maxGuesses, now: ctx.now() })
  const isRight = ticket && phoneOf(ticket) === phone && hashesOf(ctx, id, code).includes(ticket.hash)
  if (!isRight || phone === undefined) {
    await recordRefusal(ctx, 'phone.changed', { accountId: id, sessionId: session.id, detail: 'code' })
    throw new AuthError('ticket_invalid')
  }
  await ctx.limiter.refund(limits.codesPerIp, ip)
  await ctx.limiter.refund(limits.codesPerNumber, key)
  return { phone, hash: ticket.hash }
}

/**
 * Takes the number off the caller's account. Throws `last_sign_in_method` where no e-mail address is proven, as then
 * whoever proves an unproven one would have the account; and `recent_sign_in_needed`, and `access_invalid` when the
 * caller's session has ended meanwhile.
 */
export async function removePhone(ctx: Context, caller: Caller): Promise<void> {
  requireRecentProof(ctx, caller)
  const accountId = caller.account.id
  await asCaller(ctx, caller, async (ctx) => {
    const before = await ctx.store.accounts.byId(accountId)
    if (!before || before.phone === null) return
    if (!(await ctx.store.accounts.removePhone(accountId, ctx.now())))
      throw new AuthError('last_sign_in_method')
    await recordEvent(ctx, 'phone.removed', { accountId, sessionId: caller.session.id })
    await followPhoneChange(ctx, before)
  })
}

/** What follows in the transaction that gives an account another number, `newName`, or none. */
export async function followPhoneChange(ctx: Context, before: AccountRow, newName?: string): Promise<void> {
  const { id: accountId, phone, phone_verified_at } = before
  await ctx.store.tickets.consumeAll(accountId, voidedByNewPhone, ctx.now())
  await keepForUndo(ctx, before, {
    notice: 'phone-changed',
    values: newName === undefined ? {} : { newName },
  })
  if (phone === null || phone_verified_at === null) return
  await addJob(ctx, 'phone-changed-sms', { accountId, phone, brand: ctx.client.brand })
}
