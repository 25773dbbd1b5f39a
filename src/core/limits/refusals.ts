import type { Log } from '../log.ts'

/**
 * The refusals of a realm that this process records. They come by the thousand, so each kind leaves one row per place
 * and window, and there is a maximum of rows for those that always differ.
 */
export interface Refusals {
  /** Whether a refusal is to be recorded: as the first of its kind in its window, while there is room. */
  admit(refusal: SeenRefusal): 'first' | 'last' | 'no'
  /** Does what no request waits for; a failure is logged. */
  later(work: () => Promise<void>): void
  /** Waits for what is being written. */
  stop(): Promise<void>
}

interface SeenRefusal {
  /** What is recorded once in the window. */
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
/** Recorded kinds that are remembered: those of two hours or more. */
const maxRemembered = 2 * maxInAll

export function createRefusals(log: Log): Refusals {
  /** Until when each is not recorded again. */
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
