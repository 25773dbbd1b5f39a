import { addressBlock } from '../lib/ip.ts'
import { type AuditEntry, recordEvent } from './audit.ts'
import type { Log, RequestContext } from './context.ts'
import type { AuthError } from './errors.ts'

/**
 * Which refusals of a realm this process has written down, and what it is about to write. They come by the thousand, so
 * each kind leaves one row for its place and window; and there is an end to rows for those who are always another one.
 */
export interface Refusals {
  /** Whether a refusal is to be written down: as the first of its kind in its window, while there is room. */
  admit(refusal: SeenRefusal): 'first' | 'last' | 'no'
  /** Does what no request waits for; a failure is logged. */
  later(work: () => Promise<void>): void
  /** Waits for what is being written. */
  stop(): Promise<void>
}

interface SeenRefusal {
  /** What is written down once in the window. */
  kind: string
  /** From where it was asked for. */
  place: string
  /** Epoch milliseconds. */
  now: number
  windowMs: number
}

const hour = 60 * 60_000
const day = 24 * hour
/** Rows in an hour, for one place and for all together. */
const maxPerPlace = 20
const maxInAll = 1000
/** Kinds that are remembered to have been written: those of two hours at least. */
const maxRemembered = 2 * maxInAll

export function createRefusals(log: Log): Refusals {
  /** Until when each is not written again. */
  const written = new Map<string, number>()
  let rows = new Map<string, number>()
  let total = 0
  let hourEnds = 0
  const running = new Set<Promise<void>>()

  const hasRoom = (place: string, now: number): boolean => {
    // Also when the clock was set back.
    if (now >= hourEnds || now < hourEnds - hour) {
      rows = new Map()
      total = 0
      hourEnds = now + hour
    }
    return total < maxInAll && (rows.get(place) ?? 0) < maxPerPlace
  }

  return {
    admit: ({ kind, place, now, windowMs }) => {
      if (now < (written.get(kind) ?? 0)) return 'no'
      if (!hasRoom(place, now)) return 'no'
      rows.set(place, (rows.get(place) ?? 0) + 1)
      total++
      const [oldest] = written.keys()
      if (written.size >= maxRemembered && oldest !== undefined) written.delete(oldest)
      // Behind the others, as the newest.
      written.delete(kind)
      written.set(kind, now + Math.min(windowMs, day))
      const isLast = total === maxInAll || rows.get(place) === maxPerPlace
      return isLast ? 'last' : 'first'
    },
    later: (work) => {
      const done = work()
        .catch((error) => log.warn({ err: error }, 'a refusal could not be written down'))
        .finally(() => running.delete(done))
      running.add(done)
    },
    stop: async () => {
      await Promise.all(running)
    },
  }
}

/** Writes down that a limit has refused a request, once for the address, what was counted, and the limit's window. */
export function noteLimit(ctx: RequestContext, { details }: AuthError): void {
  const { limit, retryAfter = 1 } = details
  if (!limit) return
  const windowMs = retryAfter * 1000
  note(ctx, { detail: `rate_limited ${limit.rule}`, windowMs, ...whoIsIn(limit.key, ctx.origin.ip) })
}

/** Writes down that somebody has shown a good token of a session and was refused, once an hour for address and session. */
export function noteSession(
  ctx: RequestContext,
  refusal: { detail: 'session_ended' | 'session_foreign' | 'client_foreign'; sessionId: string },
): void {
  note(ctx, { ...refusal, windowMs: hour })
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
  await recordEvent(ctx, 'request.refused', { ...entry, outcome: 'refused', accountId, sessionId })
}

/** What a limit's key says of who is meant, behind the address if that is in it. A name may have blanks in it, too. */
function whoIsIn(key: string, ip: string): Partial<AuditEntry> {
  const who = key.startsWith(`${ip} `) ? key.slice(ip.length + 1) : key
  if (/^(email|phone|username):/.test(who)) return { subject: who }
  return /^[\da-f]{8}-[\da-f-]{27}$/.test(who) ? { accountId: who } : {}
}
