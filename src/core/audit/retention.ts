import type { Pruning } from '../../store/admin/pruning.ts'

/** How long things are kept that are over, in seconds. */
export interface Retention {
  audit: number
  /** Ended and expired sessions: they make IPs known. So long are those kept, too, that accounts have brought along. */
  sessions: number
  /** Expired links and codes: a late job learns from them that a newer request was answered. */
  tickets: number
  doneJobs: number
  /** Jobs that were given up. */
  deadJobs: number
  /** Second factors that were begun and never confirmed. */
  pendingSecondFactors: number
  /** What endpoints of webhooks were told, and what they have answered. */
  webhookDeliveries: number
}

const day = 24 * 60 * 60

export const defaultRetention: Retention = {
  audit: 400 * day,
  sessions: 90 * day,
  tickets: 7 * day,
  doneJobs: 7 * day,
  deadJobs: 90 * day,
  pendingSecondFactors: 7 * day,
  webhookDeliveries: 30 * day,
}

/** What was counted of the traffic, in milliseconds: today beside yesterday. */
const trafficMs = 2 * day * 1000
/** A process that has not been seen for so long was killed. */
const goneMs = 60 * 60_000

/** Rows that one statement removes or looks at, so that nobody waits long for it. */
const batch = 500

/** Removes what has outlived its retention and ends what hangs on sessions that have expired, a small batch at a step. Any number of nodes may do it at once. */
export async function* prune(
  store: Pruning,
  { retention, now }: { retention: Retention; now: number },
): AsyncGenerator<void> {
  const before = (seconds: number) => now - seconds * 1000
  yield* untilNoneIsLeft(() => store.tickets(before(retention.tickets), batch))
  yield* untilNoneIsLeft(() => store.legacySessions(now, batch))
  yield* untilNoneIsLeft(() => store.trustedDevices(now, batch))
  yield* untilNoneIsLeft(() => store.openidArtifacts(now, batch))
  yield* untilNoneIsLeft(() => store.blocks(now, batch))
  yield* untilNoneIsLeft(() => store.traffic(now - trafficMs, batch))
  await store.nodes(now - goneMs)
  yield* untilNoneIsLeft(() => store.adminRequests(now, batch))
  yield* untilNoneIsLeft(() => store.doneJobs(before(retention.doneJobs), batch))
  yield* untilNoneIsLeft(() => store.deadJobs(before(retention.deadJobs), batch))
  yield* untilNoneIsLeft(() => store.pendingSecondFactors(before(retention.pendingSecondFactors), batch))
  yield* untilNoneIsLeft(() => store.pendingAuthenticators(before(retention.pendingSecondFactors), batch))
  yield* untilNoneIsLeft(() => store.webhookDeliveries(before(retention.webhookDeliveries), batch))
  yield* untilNoneIsLeft(() => store.audit(before(retention.audit), batch))
  yield* untilNoneIsLeft(() => store.knownAddresses(before(retention.sessions), batch))
  yield* walk((after) => store.orphanedSessions({ after, now, max: batch }))
  // All that are old enough: an index on their ends would have to follow every refresh.
  yield* walk((after) => store.sessions({ after, before: before(retention.sessions), max: batch }))
  await store.guessCounts()
}

async function* untilNoneIsLeft(step: () => Promise<number>): AsyncGenerator<void> {
  while ((await step()) === batch) yield
}

async function* walk(step: (after: string) => Promise<string | undefined>): AsyncGenerator<void> {
  let after: string | undefined = ''
  while (after !== undefined) {
    after = await step(after)
    yield
  }
}
