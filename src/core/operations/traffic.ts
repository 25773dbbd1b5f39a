import type { Counted } from '../../store/tables/operations/traffic.ts'
import type { RealmContext } from '../context.ts'

/**
 * What is counted: requests at a door, at pages for people, at the console, and at no door; besides, by what became of
 * them, sign-ins and refreshes, which are requests, too.
 */
export type TrafficKind = 'door' | 'pages' | 'console' | 'other' | 'sign-in' | 'refresh'

/** Upper bounds of the times that are told apart, in milliseconds; behind them there is one more count, without an end. */
export const bucketBoundsMs = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 2000, 5000, 10_000,
]

const minuteMs = 60_000
/** So long after a minute all nodes have written what they have counted in it. */
const settledAfterMs = 15_000

/** How much one kind was asked for. */
interface TrafficSum {
  ok: number
  refused: number
  failed: number
}

/** One minute of a realm. Times are in milliseconds, and `undefined` where nobody has asked. */
export interface TrafficMinute {
  /** When it began, in epoch milliseconds. */
  at: number
  signIns: number
  refreshes: number
  /** Requests at doors and pages that were refused. */
  refusals: number
  /** Half of the requests at doors took no longer than that. */
  p50: number | undefined
  /** So did 99 of 100. */
  p99: number | undefined
}

/** A door, or the pages for people, over some minutes. */
export interface DoorTraffic extends TrafficSum {
  /** Empty for pages. */
  dialect: string
  p50: number | undefined
  p99: number | undefined
  /** How many ended in which way, the most frequent first. */
  outcomes: { outcome: string; count: number }[]
  minutes: {
    at: number
    requests: number
    refused: number
    p50: number | undefined
    p99: number | undefined
  }[]
}

/** The last `count` minutes that are over, oldest first, of realms together and over all nodes; those without traffic, too. */
export async function trafficByMinute(
  realms: { now: RealmContext['now']; contexts: RealmContext[] },
  count: number,
): Promise<TrafficMinute[]> {
  const minutes = lastMinutes(realms.now(), count)
  const kinds = ['door', 'pages', 'sign-in', 'refresh'] as const
  const rows = (await Promise.all(realms.contexts.map((ctx) => rowsOf(ctx, minutes, kinds)))).flat()
  const byMinute = Map.groupBy(rows, ({ minute }) => minute)
  return minutes.map((at) => {
    const own = byMinute.get(at) ?? []
    const of = (...kinds: TrafficKind[]) => own.filter(({ kind }) => kinds.includes(kind as TrafficKind))
    return {
      at,
      signIns: sumOf(of('sign-in')).ok,
      refreshes: sumOf(of('refresh')).ok,
      refusals: sumOf(of('door', 'pages')).refused,
      ...timesOf(of('door')),
    }
  })
}

/** What each of these doors was asked for in the last `count` minutes, and the pages (`''`), as `trafficByMinute` does. */
export async function trafficByDoor(
  ctx: RealmContext,
  dialects: string[],
  count: number,
): Promise<DoorTraffic[]> {
  const minutes = lastMinutes(ctx.now(), count)
  const rows = await rowsOf(ctx, minutes, ['door', 'pages'])
  return dialects.map((dialect) => {
    const kind: TrafficKind = dialect === '' ? 'pages' : 'door'
    const own = rows.filter((row) => row.kind === kind && (kind === 'pages' || row.dialect === dialect))
    const byMinute = Map.groupBy(own, ({ minute }) => minute)
    return {
      dialect,
      ...sumOf(own),
      ...timesOf(own),
      outcomes: addOutcomes(own),
      minutes: minutes.map((at) => {
        const asked = byMinute.get(at) ?? []
        const { ok, refused, failed } = sumOf(asked)
        return { at, requests: ok + refused + failed, refused, ...timesOf(asked) }
      }),
    }
  })
}

/** When each of the last minutes began, oldest first. */
function lastMinutes(now: number, count: number): number[] {
  const until = Math.floor((now - settledAfterMs) / minuteMs) * minuteMs
  return Array.from({ length: count }, (_, index) => until - (count - index) * minuteMs)
}

/** A row, whose times are read once however often they are added. */
type Timed = Omit<Counted, 'buckets'> & { buckets: number[] }

async function rowsOf(
  { store }: RealmContext,
  minutes: number[],
  kinds: readonly TrafficKind[],
): Promise<Timed[]> {
  const rows = await store.traffic.between(minutes[0] ?? 0, (minutes.at(-1) ?? 0) + minuteMs, kinds)
  return rows.map((row) => ({ ...row, buckets: JSON.parse(row.buckets) }))
}

function sumOf(rows: Timed[]): TrafficSum {
  const sum = { ok: 0, refused: 0, failed: 0 }
  for (const { ok, refused, failed } of rows) {
    sum.ok += ok
    sum.refused += refused
    sum.failed += failed
  }
  return sum
}

function timesOf(rows: Timed[]): { p50: number | undefined; p99: number | undefined } {
  const times = addBuckets(rows)
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

function addBuckets(rows: Timed[]): number[] {
  const sum = Array<number>(bucketBoundsMs.length + 1).fill(0)
  for (const { buckets } of rows)
    for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] ?? 0) + (buckets[index] ?? 0)
  return sum
}

function addOutcomes(rows: Timed[]): { outcome: string; count: number }[] {
  const sum = new Map<string, number>()
  for (const { outcomes } of rows)
    for (const [outcome, count] of Object.entries(JSON.parse(outcomes) as Record<string, number>))
      sum.set(outcome, (sum.get(outcome) ?? 0) + count)
  return [...sum]
    .map(([outcome, count]) => ({ outcome, count }))
    .sort((one, other) => other.count - one.count || (one.outcome < other.outcome ? -1 : 1))
}

/**
 * The time in milliseconds that so large a part of the requests did not exceed, taken for spread evenly within a bucket;
 * `undefined` without requests. Of those beyond the last bound only that is known.
 */
export function percentile(buckets: number[], part: number): number | undefined {
  const total = buckets.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  const wanted = total * part
  let below = 0
  for (const [index, count] of buckets.entries()) {
    const upper = bucketBoundsMs[index]
    if (upper === undefined) break
    if (count > 0 && below + count >= wanted) {
      const lower = bucketBoundsMs[index - 1] ?? 0
      return lower + ((wanted - below) / count) * (upper - lower)
    }
    below += count
  }
  return bucketBoundsMs.at(-1)
}
