import type { RealmContext } from '../../core/context.ts'
import type { Log } from '../../core/log.ts'
import { heartbeatMs } from '../../core/operations/nodes.ts'
import type { Traffic } from '../../observability/traffic.ts'
import type { NodeRow } from '../../store/schema.ts'
import { blocksInForce } from '../../store/tables/operations/blocks.ts'
import { nodes } from '../../store/tables/operations/nodes.ts'
import { addTraffic } from '../../store/tables/operations/traffic.ts'
import type { Database } from '../../store/types.ts'
import type { MaintenanceTask } from './scheduler.ts'

/** What a process tells of itself, and learns of what operators have done elsewhere. */
export interface OperationsTasks {
  tasks: MaintenanceTask[]
  /** Writes down what is left, and that the process serves no more. */
  leave(): Promise<void>
}

interface OperationsParts {
  db: Database
  realms: Map<string, RealmContext>
  traffic: Traffic
  node: Omit<NodeRow, 'seen_at' | 'rss'>
  /** The memory that this process takes, in bytes. */
  rss(): number
  now(): number
  log: Log
}

/** How often a process looks whether a minute is over: so old is the newest that operators see. */
const lookIntervalMs = 10_000
const blocksIntervalMs = 5_000

/** Has a process write down what it counts and that it is there, and read what was blocked. */
export function operationsTasks({
  db,
  realms,
  traffic,
  node,
  rss,
  now,
  log,
}: OperationsParts): OperationsTasks {
  const { id } = node
  let beatAt = Number.NEGATIVE_INFINITY
  /** Whoever stops does not wait for a database that was away the last time. */
  let isReachable = true

  const write = async (until?: 'now') => {
    const rows = traffic.take(until)
    try {
      await addTraffic(
        db,
        rows.map((row) => ({ ...row, node: id })),
      )
      isReachable = true
    } catch (error) {
      isReachable = false
      traffic.giveBack(rows)
      throw error
    }
  }
  const beat = async () => {
    const time = now()
    // Also when the clock was set back.
    if (Math.abs(time - beatAt) < heartbeatMs) return
    await nodes(db).beat({ ...node, seen_at: time, rss: rss() })
    beatAt = time
  }

  return {
    tasks: [
      {
        name: 'traffic',
        intervalMs: lookIntervalMs,
        run: async () => {
          await write()
          await beat()
        },
      },
      { name: 'blocks', intervalMs: blocksIntervalMs, run: () => readBlocks(db, realms, now()) },
    ],
    leave: async () => {
      if (!isReachable) return
      try {
        await write('now')
        await nodes(db).remove(id)
      } catch (error) {
        log.warn({ err: error }, 'the last of the traffic could not be written down')
      }
    },
  }
}

/** Reads all realms' blocks at once. */
async function readBlocks(db: Database, realms: Map<string, RealmContext>, now: number): Promise<void> {
  const byRealm = Map.groupBy(await blocksInForce(db, now), ({ realm }) => realm)
  for (const [name, { blocks }] of realms)
    blocks.replace((byRealm.get(name) ?? []).map(({ range, ends_at: endsAt }) => ({ range, endsAt })))
}
