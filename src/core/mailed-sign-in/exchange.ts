import { createHash } from 'node:crypto'
import { uuidOf } from '../../lib/uuid-bytes.ts'
import type { TicketRow } from '../../store/schema.ts'
import type { Context, RealmContext } from '../context.ts'
import { limits } from '../limits/limits.ts'
import { confirmLast } from '../mailed-email-change/confirm.ts'
import { halfOf } from '../mailed-email-change/halves.ts'
import { payloadOf } from '../recovery/mailed-codes.ts'
import { findOldTicket, keepTicket, type TicketKind } from '../recovery/tickets.ts'
import type { SignedIn } from '../sessions/open-session.ts'
import { isOfThisDoor } from '../sign-in/sign-in.ts'
import { type ShownMail, ticketOfMail } from './shown-mail.ts'
import { signInFor } from './sign-in.ts'

const kind: TicketKind = 'mailed-exchange'
/** A link gives the same code as long as this, so that it costs one row however often it is opened meanwhile. */
const windowMs = 60_000
/** After so many windows a code has expired, and its row is the next one's: five minutes after the end of its own. */
const windows = 6

/**
 * The code for which an app that knows the verifier gets the session of a mailed link (RFC 7636): a UUID, good for five
 * minutes. The link stays good until its code is redeemed, as mail scanners open links. `token` is the link's secret.
 */
export async function mintExchangeCode(ctx: RealmContext, mail: ShownMail, token: string): Promise<string> {
  const ticket = ticketOfMail(mail)
  const window = Math.floor(ctx.now() / windowMs)
  const code = uuidOf(createHash('sha256').update(`${kind}\0${token}\0${window}`).digest().subarray(0, 16))
  const endsAt = (window + windows) * windowMs
  await keepTicket(
    ctx,
    {
      kind,
      subject: `${ticket.hash} ${window % windows}`,
      accountId: ticket.account_id ?? undefined,
      lifetimeSeconds: (endsAt - ctx.now()) / 1000,
      payload: { kind: ticket.kind, hash: ticket.hash },
      from: { dialect: ticket.dialect, clientId: ticket.client_id },
    },
    code,
  )
  return code
}

/** Why a code gives no session: nobody has been given it, or the link is used; it is too late; it is another app's. */
export type ExchangeRefusal = 'unknown' | 'expired' | 'verifier'

/**
 * Opens the session of a mailed link for its code and the verifier, and uses the link up; a wrong verifier uses nothing up.
 * Throws `rate_limited`, and as `signInFor` does.
 */
export async function redeemExchange(
  ctx: Context,
  { code, verifier }: { code: string; verifier: string },
): Promise<SignedIn | ExchangeRefusal> {
  const minted = await findOldTicket(ctx, kind, code)
  const link = minted && (await linkOf(ctx, minted))
  if (!minted || !link || !isOfThisDoor(ctx, link) || link.consumed_at !== null) {
    await ctx.limiter.consume(limits.invalidTokensPerIp, ctx.origin.ip)
    return 'unknown'
  }
  if (Math.min(minted.expires_at, link.expires_at) <= ctx.now()) return 'expired'
  if (payloadOf(link).challenge !== codeChallengeOf(verifier)) return 'verifier'
  return halfOf(link) ? confirmLast(ctx, link) : signInFor(ctx, link)
}

function linkOf(ctx: RealmContext, { payload }: TicketRow): Promise<TicketRow | undefined> {
  const { kind, hash } = JSON.parse(payload)
  return ctx.store.tickets.find(kind, hash, 0)
}

/** What a verifier answers: base64url(SHA-256(verifier)) (RFC 7636 §4.2). */
export function codeChallengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}
