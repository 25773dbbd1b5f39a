import type { TicketRow } from '../../store/schema.ts'
import { recordRefusal } from '../audit/audit.ts'
import { clientRef } from '../clients/clients.ts'
import { type Context, type RealmContext, transaction } from '../context.ts'
import { AuthError } from '../errors.ts'
import { addJob, type JobPayloads } from '../jobs.ts'
import { consumeMail } from '../limits/account-limits.ts'
import { findByCode, issueWithCode } from '../recovery/mailed-codes.ts'
import { issueTicket, type TicketKind } from '../recovery/tickets.ts'
import { asCaller, type Caller } from '../sessions/sessions.ts'

/** Whoever has asked for the code has the app open beside the mail. */
const lifetimeSeconds = 15 * 60
const kind: TicketKind = 'reauthentication'
/** How long a session whose person has shown who they are needs no code. */
const proofLifetimeMs = 24 * 60 * 60_000

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
export function issueReauthentication(
  ctx: RealmContext,
  { accountId, email }: JobPayloads['reauthentication-mail'],
): Promise<{ code: string; minutes: number } | undefined> {
  return transaction(ctx, async (ctx) => {
    const account = await ctx.store.accounts.lock(accountId)
    const wanted = await ctx.store.tickets.liveOf(kind, accountId, ctx.now())
    if (account?.email !== email || !wanted) return undefined
    const { code } = await issueWithCode(ctx, {
      kind,
      subject: accountId,
      accountId,
      lifetimeSeconds,
      payload: { sessionId: sessionOf(wanted) },
      askedAt: wanted.created_at,
      from: { clientId: wanted.client_id, dialect: wanted.dialect },
    })
    return { code, minutes: lifetimeSeconds / 60 }
  })
}

/**
 * The mailed code by which a caller shows who is there, for `consumeFound` to use up; `undefined` where the session has shown
 * that within a day. Throws `recent_sign_in_needed` where neither does, and what `findReauthentication` does.
 */
export async function findRecentProof(
  ctx: Context,
  caller: Caller,
  code: string | undefined,
): Promise<TicketRow | undefined> {
  const { proven_at: provenAt } = caller.session
  if (provenAt !== null && ctx.now() - provenAt <= proofLifetimeMs) return undefined
  if (code === undefined) throw new AuthError('recent_sign_in_needed')
  return findReauthentication(ctx, caller, code)
}

/**
 * Judges the code of a mail, and counts it when it is wrong; `consumeFound` uses a right one up. Throws `ticket_invalid`,
 * `rate_limited`.
 */
async function findReauthentication(
  ctx: Context,
  { account: { id: accountId, email }, session }: Caller,
  code: string,
): Promise<TicketRow> {
  const found = await findByCode(ctx, { email: email ?? '', code }, [{ kind, subject: accountId }])
  if (found && sessionOf(found) === session.id) return found
  await recordRefusal(ctx, 'password.changed', { accountId, sessionId: session.id, detail: 'code' })
  throw new AuthError('ticket_invalid')
}

function sessionOf({ payload }: TicketRow): string {
  return JSON.parse(payload).sessionId
}
