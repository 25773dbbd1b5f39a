import { hash, verify } from '@node-rs/argon2'
import type { Hasher } from './core/context.ts'
import { AuthError } from './core/errors.ts'

/** argon2id m=19 MiB t=2 p=1, the OWASP minimum (Password Storage Cheat Sheet). */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const encodedParameters = '$argon2id$v=19$m=19456,t=2,p=1$'

/** What a stored hash may cost to check, memory in KiB: one that was brought along could cost without end. */
const most = { memoryCost: 262_144, timeCost: 16, parallelism: 16 }

/** How long, in seconds, a caller is asked to stay away when too many wait. */
const retryAfter = 2

/** Is told of what is hashed. It must be quick and must not throw. */
export interface HashingObserver {
  /** One begins that has waited for so many milliseconds. */
  began(waited: number): void
  /** Times as `performance.now()` says them, in milliseconds. */
  ended(operation: 'hash' | 'verify', times: { startedAt: number; endedAt: number }): void
  /** One came when too many waited. */
  refused(): void
  /** Is given what reads how many are hashed and how many wait. */
  queue(read: () => { running: number; waiting: number }): void
}

/**
 * Hashes on `concurrency` threads at a time and lets `queueLength` more wait. Beyond that it refuses at once: a
 * queue that cannot be worked off makes everybody late.
 */
export async function createHasher({
  concurrency,
  queueLength,
  observer,
}: {
  concurrency: number
  queueLength: number
  observer?: HashingObserver
}): Promise<Hasher> {
  const inQueue = boundedQueue(concurrency, queueLength, observer)
  // What an unknown account is checked against, so that it takes as long as a known one.
  const decoy = await hash('no account has this password', parameters)

  return {
    hash: (password) => inQueue('hash', () => hash(password, parameters)),
    verify: async (password, stored) => {
      const checked = stored && isAffordable(stored) ? stored : undefined
      const isRight = await inQueue('verify', () => verify(checked ?? decoy, password))
      return isRight && checked !== undefined
    },
    isOutdated: (stored) => !stored.startsWith(encodedParameters),
  }
}

/** Whether it is a hash of argon2 that costs no more than it may. */
function isAffordable(stored: string): boolean {
  const [, memory, time, lanes] = /^\$argon2(?:id|i|d)\$v=\d+\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(stored) ?? []
  return (
    Number(memory) <= most.memoryCost && Number(time) <= most.timeCost && Number(lanes) <= most.parallelism
  )
}

type InQueue = <T>(operation: 'hash' | 'verify', work: () => Promise<T>) => Promise<T>

function boundedQueue(concurrency: number, queueLength: number, observer?: HashingObserver): InQueue {
  let running = 0
  const waiting: (() => void)[] = []
  observer?.queue(() => ({ running, waiting: waiting.length }))

  const getTurn = async () => {
    if (running < concurrency) {
      running++
      return
    }
    if (waiting.length >= queueLength) {
      observer?.refused()
      throw new AuthError('overloaded', { retryAfter })
    }
    await new Promise<void>((turn) => waiting.push(turn))
  }

  return async (operation, work) => {
    const cameAt = performance.now()
    await getTurn()
    const startedAt = performance.now()
    observer?.began(startedAt - cameAt)
    try {
      return await work()
    } finally {
      observer?.ended(operation, { startedAt, endedAt: performance.now() })
      // The place is handed on, so that nobody who comes now gets in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
