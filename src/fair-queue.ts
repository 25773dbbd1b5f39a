import type { Origin } from './core/context.ts'
import { AuthError } from './core/errors.ts'
import { addressBlock } from './lib/ip.ts'

/** How long, in seconds, a caller is asked to stay away when too many wait. */
const retryAfter = 2

/** What part of the places one household may hold: others get in, however many of its requests come. */
const shareOfPlaces = 1 / 4

/** Work that is done a few at a time, and waited for by whoever asks for it. */
export interface FairQueue {
  /** Does the work when its turn has come; `origin` is who asks, a command when it is nobody. Throws `overloaded`. */
  run<T>(origin: Pick<Origin, 'ip'> | undefined, work: () => Promise<T>): Promise<T>
  /** How much is being done, and how much waits. */
  state(): { running: number; waiting: number }
}

interface Waiting {
  start(): void
  refuse(): void
}

/**
 * Does `concurrency` pieces of work at a time and lets `places` more wait. Beyond that it refuses at once: a queue that
 * cannot be worked off makes everybody late. The places are shared out by address block (`addressBlock`): none holds
 * more than a quarter of them, whoever holds the most makes room when there is none, and blocks are served in turn.
 */
export function createFairQueue({ concurrency, places }: { concurrency: number; places: number }): FairQueue {
  const share = Math.max(1, Math.floor(places * shareOfPlaces))
  let running = 0
  let waiting = 0
  /** What waits for each block, oldest first. The block whose turn is next comes first. */
  const lines = new Map<string, Waiting[]>()

  /** Whether a line may get longer; where no place is free, at the cost of the longest. */
  const makeRoom = (line: Waiting[]): boolean => {
    if (line.length >= share) return false
    if (waiting < places) return true
    const longest = [...lines.values()].reduce((long, other) => (other.length > long.length ? other : long))
    // Of two that would hold the same, the one that has waited stays.
    if (longest.length <= line.length + 1) return false
    longest.pop()?.refuse()
    waiting--
    return true
  }

  const getTurn = async (block: string) => {
    if (running < concurrency) {
      running++
      return
    }
    const line = lines.get(block) ?? []
    if (!makeRoom(line)) throw overloaded()
    await new Promise<void>((start, fail) => {
      lines.set(block, line)
      line.push({ start, refuse: () => fail(overloaded()) })
      waiting++
    })
  }

  /** The place is handed on, so that nobody who comes now gets in between. */
  const endTurn = () => {
    const [next] = lines
    if (!next) {
      running--
      return
    }
    const [block, line] = next
    const first = line.shift()
    waiting--
    lines.delete(block)
    // Behind all the others.
    if (line.length > 0) lines.set(block, line)
    first?.start()
  }

  return {
    run: async (origin, work) => {
      await getTurn(origin ? addressBlock(origin.ip) : '')
      try {
        return await work()
      } finally {
        endTurn()
      }
    },
    state: () => ({ running, waiting }),
  }
}

function overloaded(): AuthError {
  return new AuthError('overloaded', { retryAfter })
}
