import type { AuditRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { newAudit } from './fresh.ts'
import type { TrailSearch } from './list.ts'

/** Streams of one process at once. */
const maxStreams = 20
/** How long a trail is followed on when nobody listens: whoever comes back in that time has missed nothing. */
const lingerMs = 60_000
/** Rows that are kept for those who come back. */
const maxKept = 2_000

export interface AuditTail {
  /**
   * Rows that meet every condition as they are written, in small lots, until the signal is given. With the id of the row
   * that somebody has got last, those they have missed come first: all of them while this process has followed the trail
   * on, else the newest two thousand by their ids. It counts as a stream until the signal is given, and throws
   * `overloaded` when there are twenty.
   */
  follow(
    ctx: RealmContext,
    wanted: { filter: TrailSearch; lastId?: string; signal: AbortSignal },
  ): AsyncGenerator<AuditRow[]>
  /** Ends all streams. */
  stop(): void
}

/** Follows the trails of the realms that somebody listens to: one query a realm and interval, however many listen. */
export function followTrails({ intervalMs }: { intervalMs: number }): AuditTail {
  const followed = new Map<string, Followed>()
  const stopping = new AbortController()
  let streams = 0

  return {
    follow(ctx, { filter, lastId, signal }) {
      if (streams >= maxStreams) throw new AuthError('overloaded')
      streams++
      const { name } = ctx.realm
      const trail = followed.get(name) ?? followTrail(ctx, { intervalMs, onEnd: () => followed.delete(name) })
      followed.set(name, trail)
      const until = AbortSignal.any([signal, stopping.signal])
      until.addEventListener('abort', () => streams--, { once: true })
      return listen(trail.listen(lastId, until), filter)
    },
    stop() {
      stopping.abort()
      for (const trail of followed.values()) trail.end()
    },
  }
}

async function* listen(lots: AsyncGenerator<AuditRow[]>, filter: TrailSearch): AsyncGenerator<AuditRow[]> {
  for await (const lot of lots) {
    const wanted = lot.filter((row) => isWanted(row, filter))
    if (wanted.length > 0) yield wanted
  }
}

function isWanted(row: AuditRow, { of, events, since, until, ...filter }: TrailSearch): boolean {
  const { event, outcome, ip, dialect, clientId, actor } = filter
  const pairs = [
    [event, row.event],
    [outcome, row.outcome],
    [ip, row.ip],
    [dialect, row.dialect],
    [clientId, row.client_id],
    [actor, row.actor],
  ]
  const isAboutThem =
    !of ||
    row.account_id === of.accountId ||
    (row.account_id === null && of.subjects.includes(row.subject ?? ''))
  return (
    isAboutThem &&
    pairs.every(([wanted, value]) => wanted === undefined || wanted === value) &&
    (events === undefined || events.includes(row.event)) &&
    row.at >= (since ?? 0) &&
    row.at <= (until ?? Number.MAX_SAFE_INTEGER)
  )
}

/** One realm's trail, as it is followed. */
interface Followed {
  listen(lastId: string | undefined, until: AbortSignal): AsyncGenerator<AuditRow[]>
  end(): void
}

function followTrail(
  ctx: RealmContext,
  { intervalMs, onEnd }: { intervalMs: number; onEnd: () => void },
): Followed {
  /** In the order in which they were seen here, which is not that of their ids where a transaction was slow. */
  let kept: AuditRow[] = []
  /** How many have been seen before those. */
  let dropped = 0
  let listeners = 0
  let lastLeft = ctx.now()
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  let next = Promise.withResolvers<void>()
  const fresh = newAudit(ctx)
  const begun = look()

  async function look(): Promise<void> {
    try {
      const rows = await fresh()
      kept.push(...rows)
      dropped += Math.max(0, kept.length - maxKept)
      kept = kept.slice(-maxKept)
      if (rows.length > 0) wakeAll()
    } catch (error) {
      ctx.log.warn(
        { err: error, realm: ctx.realm.name },
        'the audit trail could not be followed, will be retried',
      )
    }
    if (isOver || (listeners === 0 && ctx.now() - lastLeft > lingerMs)) return end()
    timer = setTimeout(look, intervalMs)
    timer.unref()
  }

  function wakeAll(): void {
    next.resolve()
    next = Promise.withResolvers()
  }

  function end(): void {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    wakeAll()
    onEnd()
  }

  async function* listen(lastId: string | undefined, until: AbortSignal): AsyncGenerator<AuditRow[]> {
    listeners++
    until.addEventListener('abort', wakeAll, { once: true })
    try {
      await begun
      let position = dropped + kept.length
      const at = lastId === undefined ? -1 : kept.findIndex(({ id }) => id === lastId)
      let caughtUp = new Set<string>()
      if (at >= 0) position = dropped + at + 1
      else if (lastId !== undefined) {
        const missed = await missedSince(ctx, lastId)
        caughtUp = new Set(missed.map(({ id }) => id))
        if (missed.length > 0) yield missed
      }
      while (!until.aborted && !isOver) {
        const lot = kept.slice(Math.max(0, position - dropped)).filter(({ id }) => !caughtUp.has(id))
        position = dropped + kept.length
        if (lot.length > 0) yield lot
        else await next.promise
      }
    } finally {
      until.removeEventListener('abort', wakeAll)
      listeners--
      lastLeft = ctx.now()
    }
  }

  return { listen, end }
}

/** Rows of one read. */
const pageSize = 500

/** The newest rows behind that id, oldest first. */
async function missedSince(ctx: RealmContext, id: string): Promise<AuditRow[]> {
  const missed: AuditRow[] = []
  while (missed.length < maxKept) {
    const { rows } = await ctx.store.lists.audit({ filter: {}, from: missed.at(-1)?.id, max: pageSize })
    const newer = rows.filter((row) => row.id > id)
    missed.push(...newer)
    if (newer.length < pageSize) break
  }
  return missed.reverse()
}
