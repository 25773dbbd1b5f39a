import type { Observe } from '../core/events.ts'
import { bucketBoundsMs, type TrafficKind } from '../core/operations/traffic.ts'
import type { RequestObserver, RequestRecord } from '../http/observe.ts'
import type { TrafficRow } from '../store/schema.ts'

/** What this process has been asked for, counted by minutes in memory. */
export interface Traffic {
  request: RequestObserver
  core: Observe
  /** Takes what was counted in minutes that are over; with the current one, when it is the last. */
  take(until?: 'now'): Omit<TrafficRow, 'node'>[]
  /** Gives back what could not be written. */
  giveBack(rows: Omit<TrafficRow, 'node'>[]): void
}

interface Count {
  realm: string
  dialect: string
  kind: TrafficKind
  ok: number
  refused: number
  failed: number
  outcomes: Record<string, number>
  buckets: number[]
}

const minuteMs = 60_000
/** Rows that wait for a database that is away; the oldest go first. */
const maxWaiting = 5_000
/** Asked by probes, day and night. */
const probes = new Set(['/healthz', '/readyz', '/metrics'])

/**
 * Counts requests, sign-ins and refreshes. It is asked for each of them, so that it only adds to numbers that it finds by
 * texts which are there already.
 */
export function createTraffic(now: () => number): Traffic {
  let waiting: Omit<TrafficRow, 'node'>[] = []
  let minute = 0
  let counts = new Map<string, Map<string, Map<TrafficKind, Count>>>()

  const close = (next: number) => {
    waiting.push(...rowsOf(counts, minute))
    waiting = waiting.slice(-maxWaiting)
    counts = new Map()
    minute = next
  }
  /** The numbers of the current minute. */
  const countOf = (realm: string, dialect: string, kind: TrafficKind): Count => {
    const current = minuteOf(now())
    if (current !== minute) close(current)
    const ofRealm = entryOf(counts, realm, () => new Map<string, Map<TrafficKind, Count>>())
    const ofDialect = entryOf(ofRealm, dialect, () => new Map<TrafficKind, Count>())
    return entryOf(ofDialect, kind, () => newCount(realm, dialect, kind))
  }

  return {
    request: (seen) => {
      if (seen.realm === undefined || (seen.route !== undefined && probes.has(seen.route))) return
      const kind = kindOf(seen)
      const count = countOf(seen.realm, kind === 'door' ? (seen.dialect ?? '') : '', kind)
      note(count, seen.outcome, seen.status === 499 || seen.status >= 500 ? 'failed' : undefined)
      const index = bucketOf(seen.endedAt - seen.startedAt)
      count.buckets[index] = (count.buckets[index] ?? 0) + 1
    },
    core: (event) => {
      const { realm, dialect = '', what, outcome } = event
      if (what === 'refresh') {
        const isGood = outcome === 'rotated' || outcome === 'prolonged' || outcome === 'repeated'
        note(countOf(realm, dialect, 'refresh'), isGood ? 'ok' : outcome)
      } else if (event.event === 'sign_in')
        note(countOf(realm, dialect, 'sign-in'), outcome === 'success' ? 'ok' : (event.detail ?? outcome))
    },
    take: (until) => {
      const current = minuteOf(now())
      if (until === 'now' || current !== minute) close(current)
      const taken = waiting
      waiting = []
      return taken
    },
    giveBack: (rows) => {
      waiting = [...rows, ...waiting].slice(-maxWaiting)
    },
  }
}

/** What a map has for a key, or else what is made for it. */
function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function minuteOf(time: number): number {
  return time - (time % minuteMs)
}

function newCount(realm: string, dialect: string, kind: TrafficKind): Count {
  const isTimed = kind !== 'sign-in' && kind !== 'refresh'
  const buckets = isTimed ? Array<number>(bucketBoundsMs.length + 1).fill(0) : []
  return { realm, dialect, kind, ok: 0, refused: 0, failed: 0, outcomes: {}, buckets }
}

function note(count: Count, outcome: string, failed?: 'failed'): void {
  if (outcome === 'ok' && !failed) {
    count.ok += 1
    return
  }
  count[failed ?? 'refused'] += 1
  count.outcomes[outcome] = (count.outcomes[outcome] ?? 0) + 1
}

function kindOf({ dialect, route }: RequestRecord): TrafficKind {
  if (dialect !== undefined) return 'door'
  if (route === undefined) return 'other'
  if (isBelow(route, '/ui') || isBelow(route, '/account')) return 'pages'
  return isBelow(route, '/admin') ? 'console' : 'other'
}

function isBelow(route: string, start: string): boolean {
  return route.startsWith(start) && (route.length === start.length || route[start.length] === '/')
}

/** Most requests are quick, so that the first few bounds are all that is compared. */
function bucketOf(ms: number): number {
  const index = bucketBoundsMs.findIndex((bound) => ms <= bound)
  return index < 0 ? bucketBoundsMs.length : index
}

function rowsOf(
  counts: Map<string, Map<string, Map<TrafficKind, Count>>>,
  minute: number,
): Omit<TrafficRow, 'node'>[] {
  return [...counts.values()]
    .flatMap((byDialect) => [...byDialect.values()].flatMap((byKind) => [...byKind.values()]))
    .map(({ outcomes, buckets, ...count }) => ({
      ...count,
      minute,
      outcomes: JSON.stringify(outcomes),
      buckets: JSON.stringify(buckets),
    }))
}
