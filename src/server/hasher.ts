import * as argon2Library from '@node-rs/argon2'
import type { Hasher, Origin } from '../core/context.ts'
import { isRefusal } from '../core/errors.ts'
import { argon2Params, isAffordable, isMadeWith, restAfter } from '../core/passwords/argon2.ts'
import { createFairQueue } from '../core/passwords/fair-queue.ts'
import type { HashingCost } from '../core/passwords/hashing.ts'

/** Receives what is hashed. It must be quick and must not throw. */
export interface HashingObserver {
  began(waitedMs: number): void
  /** Times as `performance.now()` has them. */
  ended(operation: 'hash' | 'verify', times: { startedAt: number; endedAt: number }): void
  /** One came when too many waited. */
  refused(): void
  /** Receives what reads how many are hashed and how many wait. */
  queue(read: () => { running: number; waiting: number }): void
}

/** What does the work. */
export type Argon2 = Pick<typeof argon2Library, 'hash' | 'verify'>

/** A hasher that a server gets ready before it checks a password. */
export interface PreparedHasher extends Hasher {
  /** Does what the first check would have to: it would take longer than later ones, and show that an account is unknown. */
  prepare(): Promise<void>
}

/** Hashes with argon2id, `concurrency` at a time; `queueLength` more wait, in a fair queue by address block. */
export function createHasher({
  cost,
  concurrency,
  queueLength,
  observer,
  argon2 = argon2Library,
}: {
  cost: HashingCost
  concurrency: number
  queueLength: number
  observer?: HashingObserver
  argon2?: Argon2
}): PreparedHasher {
  const { hash, verify } = argon2
  const queue = createFairQueue({ concurrency, places: queueLength })
  observer?.queue(queue.state)
  const inQueue = async <T>({ operation, origin }: Turn, work: () => Promise<T>): Promise<T> => {
    const cameAt = performance.now()
    try {
      return await queue.run(origin, async () => {
        const startedAt = performance.now()
        observer?.began(startedAt - cameAt)
        try {
          return await work()
        } finally {
          observer?.ended(operation, { startedAt, endedAt: performance.now() })
        }
      })
    } catch (error) {
      if (isRefusal(error, 'overloaded')) observer?.refused()
      throw error
    }
  }
  const parameters = argon2Params(cost)
  let decoy: Promise<string> | undefined
  // What an unknown account is checked against, so that it takes as long as a known one.
  const readDecoy = () => (decoy ??= hash('no account has this password', parameters))

  return {
    hash: (password, origin) => inQueue({ operation: 'hash', origin }, () => hash(password, parameters)),
    verify: async (password, stored, origin) => {
      const checked = stored && isAffordable(stored) ? stored : undefined
      return inQueue({ operation: 'verify', origin }, async () => {
        const decoy = await readDecoy()
        const compared = checked ?? decoy
        const isRight = (await verify(compared, password)) && checked !== undefined
        // Only who knows the password may be told by the time that its hash is an older one.
        const rest = isRight ? undefined : restAfter(compared, parameters)
        if (rest) await hash(password, rest)
        return isRight
      })
    },
    prepare: async () => void (await readDecoy()),
    isOutdated: (stored) => !isMadeWith(parameters, stored),
  }
}

interface Turn {
  operation: 'hash' | 'verify'
  origin: Pick<Origin, 'ip'> | undefined
}
