import { hash, verify } from '@node-rs/argon2'
import type { Hasher } from './core/context.ts'
import { AuthError } from './core/errors.ts'

/** argon2id m=19 MiB t=2 p=1, the OWASP minimum (Password Storage Cheat Sheet). */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const encodedParameters = '$argon2id$v=19$m=19456,t=2,p=1$'

/** How long, in seconds, a caller is asked to stay away when too many wait. */
const retryAfter = 2

/**
 * Hashes on `concurrency` threads at a time and lets `queueLength` more wait. Beyond that it refuses at once: a
 * queue that cannot be worked off makes everybody late.
 */
export async function createHasher({
  concurrency,
  queueLength,
}: {
  concurrency: number
  queueLength: number
}): Promise<Hasher> {
  const inQueue = boundedQueue(concurrency, queueLength)
  // What an unknown account is checked against, so that it takes as long as a known one.
  const decoy = await hash('no account has this password', parameters)

  return {
    hash: (password) => inQueue(() => hash(password, parameters)),
    verify: async (password, stored) => {
      const isRight = await inQueue(() => verify(stored ?? decoy, password))
      return isRight && stored !== null && stored !== undefined
    },
    isOutdated: (stored) => !stored.startsWith(encodedParameters),
  }
}

function boundedQueue(concurrency: number, queueLength: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []

  return async (work) => {
    if (running >= concurrency) {
      if (waiting.length >= queueLength) throw new AuthError('overloaded', { retryAfter })
      await new Promise<void>((turn) => waiting.push(turn))
    } else {
      running++
    }
    try {
      return await work()
    } finally {
      // The place is handed on, so that nobody who comes now gets in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
