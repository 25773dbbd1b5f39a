import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import type { Config } from '../../config/config.ts'
import { compactHeap } from '../../lib/compact-heap.ts'
import { publishToPrimary } from '../../observability/workers.ts'
import { announce } from '../../server/banner.ts'
import { explainFailure } from '../failure.ts'
import { argument } from '../terminal/arguments.ts'
import { startUntilSignal } from './start-until-signal.ts'

/** Which of how many workers on this machine one is; the first is 0. */
export interface WorkerSlot {
  index: number
  count: number
}

/** What a worker sends to the process that has started it: that it serves, or what keeps it from that. */
export type WorkerReport = { announcement: string } | { problem: string }

/** `index/count` */
export const slotArgument = argument((text): WorkerSlot | undefined => {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? []
  return index && count ? { index: Number(index), count: Number(count) } : undefined
}, 'It must be index/count.')

/** How many of the cores a process hashes on, so that all together hash on each core once. */
export function shareOf(cores: number, { index, count }: WorkerSlot): number {
  return Math.max(1, Math.floor(cores / count) + (index < cores % count ? 1 : 0))
}

/** Serves as one of several, and reports to the process that has started it. */
export async function serveAsWorker(config: Config, slot: WorkerSlot): Promise<void> {
  const cores = shareOf(availableParallelism(), slot)
  try {
    const server = await startUntilSignal(config, {
      cores,
      processes: slot.count,
      isNotFirst: slot.index > 0,
      publish: publishToPrimary,
      listensWhenReady: true,
    })
    if (!server) return
    compactHeap()
    await report({ announcement: announce(server, slot.count) })
  } catch (error) {
    await report({ problem: explainFailure(error) })
    process.exit(1)
  }
}

function report(message: WorkerReport): Promise<void> {
  return new Promise((sent, failed) => {
    cluster.worker?.send(message, (error) => (error ? failed(error) : sent()))
  })
}
