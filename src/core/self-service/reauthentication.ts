import type { TicketRow } from '../../store/schema.ts'
import { recordRefusal } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import { type Context, type RealmContext, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob, type JobPayloads } from '../jobs.ts'
import { digits, randomText } from '../keys/random-text.ts'
import { consumeMail } from '../limits/account-limits.ts'
import { limits } from '../limits/limits.ts'
import { issueTicket, type TicketKind } from '../recovery/tickets.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'
import { withoutBlanks } from '../sign-in/authenticator.ts'

/** People have the mail open beside the app. */
const lifetimeSeconds = 10 * 60
const codeLength = 6
/** Guesses at one code. */
const maxGuesses = 5
const kind: TicketKind = 'reauthentication'

/**
 * Has a code mailed to the address of the caller's account, by which their session, and no other, shows who is there; an
 * earlier one is void. Throws `validation_failed` where there is no address, `email_unverified` where the door wants it
 * verified, `rate_limited`, and `access_invalid` when the caller's session has ended meanwhile.
 */
export async function requestReauthentication(ctx: Context, caller: Caller): Promise<void> {
  const { id: accountId, email, email_verified_at } = caller.account
  if (email === null) throw new AuthError('validation_failed')
  if (ctx.door.requiresVerifiedEmail && email_verified_at === null) throw new AuthError('email_unverified')
  await consumeMail(ctx, email)
  await asCaller(ctx, caller, async (ctx) => {
    // No code is right until the mail is made.
    const payload = { sessionId: caller.session.id }
    const from = clientRef(ctx)
    await issueTicket(ctx, { kind, subject: accountId, accountId, lifetimeSeconds, payload, from })
    await addJob(ctx, 'reauthentication-mail', { accountId, email, brand: ctx.client.brand })
  })
}

/** Makes the code of a mail; `undefined` where none is wanted any more. */
export async function issueReauthentication(
  ctx: RealmContext,
  { accountId, email }: JobPayloads['reauthentication-mail'],
): Promise<string | undefined> {
  const code = randomText(ctx, digits, codeLength)
  return transaction(ctx, async (ctx) => {
    const account = await ctx.store.accounts.lock(accountId)
    const ticket = await ctx.store.tickets.liveOf(kind, accountId, ctx.now())
    if (account?.email !== email || !ticket) return undefined
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
  const macs = secrets.macs('short-code', `reauthentication\0${accountId}\0${code}`)
  return macs.map((mac) => mac.toString('base64url'))
}

/**
 * Judges the code of a mail, blanks in which are ignored, and counts it when it is wrong; a right one is used up by
 * `useReauthentication`. Throws `ticket_invalid`, `rate_limited`.
 */
export async function judgeReauthentication(
  ctx: Context,
  { account: { id: accountId }, session }: Caller,
  code: string,
): Promise<TicketRow> {
  // Before it is judged, so that nobody gets ahead of the count by asking many times at once.
  await ctx.limiter.consume(limits.mailedCodesPerAccount, accountId)
  const ticket = await ctx.store.tickets.guessOf(kind, accountId, { max: maxGuesses, now: ctx.now() })
  const isOurs = ticket !== undefined && JSON.parse(ticket.payload).sessionId === session.id
  if (!isOurs || !hashesOf(ctx, accountId, withoutBlanks(code)).includes(ticket.hash)) {
    await recordRefusal(ctx, 'password.changed', { accountId, sessionId: session.id, detail: 'code' })
    throw new AuthError('ticket_invalid')
  }
  await ctx.limiter.reset(limits.mailedCodesPerAccount, accountId)
  return ticket
}

/** Uses a judged code up, in a transaction that holds the account's row. Throws `ticket_invalid`. */
export async function useReauthentication(ctx: Context, { hash }: TicketRow): Promise<void> {
  if (!(await ctx.store.tickets.consume(kind, hash, ctx.now()))) throw new AuthError('ticket_invalid')
}
