import { hash, verify } from '@node-rs/argon2'
import { isAffordable, isMadeWith, parametersOf, restAfter } from './core/argon2.ts'
import type { Hasher } from './core/context.ts'
import { AuthError } from './core/errors.ts'
import type { HashingCost } from './core/hashing.ts'

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
 * Hashes with argon2id at this cost, on `concurrency` threads at a time, and lets `queueLength` more wait. Beyond that
 * it refuses at once: a queue that cannot be worked off makes everybody late.
 */
export async function createHasher({
  cost,
  concurrency,
  queueLength,
  observer,
}: {
  cost: HashingCost
  concurrency: number
  queueLength: number
  observer?: HashingObserver
}): Promise<Hasher> {
  const inQueue = boundedQueue(concurrency, queueLength, observer)
  const parameters = parametersOf(cost)
  // What an unknown account is checked against, so that it takes as long as a known one.
  const decoy = await hash('no account has this password', parameters)

  return {
    hash: (password) => inQueue('hash', () => hash(password, parameters)),
    verify: async (password, stored) => {
      const checked = stored && isAffordable(stored) ? stored : undefined
      return inQueue('verify', async () => {
        const isRight = (await verify(checked ?? decoy, password)) && checked !== undefined
        // Only who knows the password may be told by the time that its hash is an older one.
        const rest = isRight ? undefined : restAfter(checked ?? decoy, parameters)
        if (rest) await hash(password, rest)
        return isRight
      })
    },
    isOutdated: (stored) => !isMadeWith(parameters, stored),
  }
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
