import type { Asker } from '../core/context.ts'
import { createFairQueue, type FairQueue } from '../core/passwords/fair-queue.ts'

/** How long somebody with a hash of another system waits at the most, about; then they are asked to come again. */
const maxWaitMs = 5_000
/** What a check of such a hash is taken to last before one was measured. */
const firstGuessMs = 100
/** How much the newest check counts in what one lasts. */
const newest = 1 / 8
/** So few may always wait. */
const minPlaces = 4

/** Turns at the cores of the machine. */
export interface HashingQueue extends FairQueue {
  /** As `run`, for work that may be dear: it leaves a core, where there are two, and has places of its own to wait in. */
  runDear: FairQueue['run']
}

/**
 * A fair queue in which what is dear cannot keep others waiting: checks of other systems' hashes take up to a hundred times
 * as long as those of our own, and on the morning after an import everybody has one.
 */
export function createHashingQueue({
  concurrency,
  places,
}: {
  concurrency: number
  places: number
}): HashingQueue {
  const all = createFairQueue({ concurrency, places: () => places })
  const dearConcurrency = Math.max(1, concurrency - 1)
  let lastsMs = firstGuessMs
  const dearPlaces = () => {
    const inTime = Math.floor((dearConcurrency * maxWaitMs) / lastsMs)
    return Math.max(minPlaces, Math.min(places, inTime))
  }
  const retryAfterSeconds = maxWaitMs / 1000
  const dear = createFairQueue({ concurrency: dearConcurrency, places: dearPlaces, retryAfterSeconds })
  const measured = async <T>(work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now()
    try {
      return await work()
    } finally {
      lastsMs += (performance.now() - startedAt - lastsMs) * newest
    }
  }

  return {
    run: all.run,
    runDear: <T>(asker: Asker, work: () => Promise<T>) =>
      dear.run(asker, () => all.run(asker, () => measured(work))),
    state: () => {
      const { running, waiting } = all.state()
      return { running, waiting: waiting + dear.state().waiting }
    },
  }
}
