import type { RealmContext } from '../context.ts'

/** A process that serves. Times in epoch milliseconds. */
export interface ServingNode {
  id: string
  host: string
  pid: number
  version: string
  startedAt: number
  seenAt: number
  rssBytes: number
  /** It has missed a heartbeat: it is stuck, was killed, or has lost the database. */
  isLate: boolean
}

/** Between two heartbeats. */
export const heartbeatMs = 60_000

const lateMs = 2 * heartbeatMs
/** One that has been silent for so long is not told of any more. */
const goneMs = 5 * heartbeatMs

/** The processes that serve, the oldest first; one that was stopped is not there, one that was killed goes after five minutes. */
export async function listNodes({ store, now }: RealmContext): Promise<ServingNode[]> {
  const time = now()
  return (await store.nodes.seenSince(time - goneMs)).map(
    ({ started_at: startedAt, seen_at: seenAt, rss, ...node }) => ({
      ...node,
      startedAt,
      seenAt,
      rssBytes: rss,
      isLate: time - seenAt > lateMs,
    }),
  )
}
