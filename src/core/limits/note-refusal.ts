import { addressBlock } from '../../lib/ip.ts'
import { type AuditEntry, recordRefusal } from '../audit/audit.ts'
import type { RequestContext } from '../context.ts'
import type { AuthError } from '../errors.ts'
import { limits } from './limits.ts'

const hour = 60 * 60_000

/**
 * Records that a limit has refused a request, once per IP, what was counted, and window of the limit; and that a block
 * has, once an hour per IP.
 */
export function noteLimit(ctx: RequestContext, { details }: AuthError): void {
  const { limit, block, retryAfter = 1 } = details
  if (block !== undefined) note(ctx, { detail: `blocked ${block}`, windowMs: hour })
  if (!limit) return
  const windowMs = retryAfter * 1000
  note(ctx, { detail: `rate_limited ${limit.rule}`, windowMs, ...whoIsIn(limit, ctx.origin.ip) })
}

/** Records that a valid token of a session was refused, once an hour per IP and session. */
export function noteSession(
  ctx: RequestContext,
  refusal: { detail: 'session_ended' | 'session_foreign' | 'client_foreign'; sessionId: string },
): void {
  note(ctx, { ...refusal, windowMs: hour })
}

/** Records why an app was refused by OpenID Connect, once an hour per IP, app and reason. */
export function noteApp(ctx: RequestContext, detail: string): void {
  note(ctx, { detail: `${ctx.client?.id ?? 'unknown'} ${detail}`, windowMs: hour })
}

function note(
  ctx: RequestContext,
  { windowMs, ...entry }: { detail: string; windowMs: number } & Partial<AuditEntry>,
): void {
  const { refusals, origin } = ctx
  const place = addressBlock(origin.ip)
  const { detail, subject, accountId, sessionId } = entry
  const kind = [detail, place, subject ?? accountId ?? sessionId].join(' ')
  const verdict = refusals.admit({ kind, place, now: ctx.now(), windowMs })
  if (verdict === 'no') return
  refusals.later(() => write(ctx, entry))
  if (verdict === 'last')
    ctx.log.warn({ realm: ctx.realm.name, ip: place }, 'more refusals are not written down this hour')
}

async function write(ctx: RequestContext, entry: { detail: string } & Partial<AuditEntry>): Promise<void> {
  const session = entry.sessionId === undefined ? undefined : await ctx.store.sessions.byId(entry.sessionId)
  const accountId = entry.accountId ?? session?.account_id
  // Of an account that was deleted nothing is written.
  const sessionId = session?.id
  await recordRefusal(ctx, 'request.refused', { ...entry, accountId, sessionId })
}

/** Rules that count by the ids of accounts: what another system has made an id of may look like anything. */
const countedById = new Set<string>(
  [
    limits.secondFactorPerAccount,
    limits.authenticatorPerAccount,
    limits.enrolmentsPerAccount,
    limits.profilePerAccount,
  ].map(({ name }) => name),
)

/** Whom a limit's key names, behind the IP if that is in it. A name may have blanks in it, too. */
function whoIsIn({ rule, key }: { rule: string; key: string }, ip: string): Partial<AuditEntry> {
  const who = key.startsWith(`${ip} `) ? key.slice(ip.length + 1) : key
  if (countedById.has(rule)) return { accountId: who }
  if (/^(email|phone|username):/.test(who)) return { subject: who }
  return /^[\da-f]{8}-[\da-f-]{27}$/.test(who) ? { accountId: who } : {}
}
