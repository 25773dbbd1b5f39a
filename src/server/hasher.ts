import * as argon2Library from '@node-rs/argon2'
import type { Hasher, Origin, PasswordCheck } from '../core/context.ts'
import { isRefusal } from '../core/errors.ts'
import { argon2Params, isMadeWith } from '../core/passwords/argon2.ts'
import type { HashingCost } from '../core/passwords/hashing.ts'
import { createHashChecker } from '../hashes/check-hash.ts'
import { hashReader, type ReadableHash } from './hash-readers.ts'
import { createHashingQueue, type HashingQueue } from './hashing-queue.ts'

/** Receives what is hashed. It must be quick and must not throw. */
export interface HashingObserver {
  began(waitedMs: number): void
  /** Times as `performance.now()` has them. */
  ended(operation: 'hash' | 'verify', times: { startedAt: number; endedAt: number }): void
  /** A password is checked against a hash of that kind, or against one that stands in for it: `own`, or a foreign one. */
  checked(kind: string): void
  /** One came when too many waited. */
  refused(): void
  /** Receives what reads how many are hashed and how many wait. */
  queue(read: () => { running: number; waiting: number }): void
}

/** How many passwords are hashed and wait, and how long one takes, about. */
export interface HashingState {
  running: number
  waiting: number
  /** `undefined` before the first one. */
  lastsMs?: number
}

/** How much the newest password counts in how long one takes. */
const newest = 1 / 8

/** What does the work. */
export type Argon2 = Pick<typeof argon2Library, 'hash' | 'verify'>

/** A hasher that a server gets ready before it checks a password. */
export interface PreparedHasher extends Hasher {
  /** Does what the first check would have to: it would take longer than later ones, and show that an account is unknown. */
  prepare(): Promise<void>
  state(): HashingState
  /** Ends the thread that it may have. */
  close(): Promise<void>
}

/**
 * Hashes with argon2id, `concurrency` at a time; `queueLength` more wait, in a fair queue by address block. It checks hashes of
 * other systems, too.
 */
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
  const { hash } = argon2
  const queue = createHashingQueue({ concurrency, places: queueLength })
  observer?.queue(queue.state)
  let lastsMs: number | undefined
  const inTurn = turns(queue, observer, (tookMs) => {
    lastsMs = lastsMs === undefined ? tookMs : lastsMs + (tookMs - lastsMs) * newest
  })
  const parameters = argon2Params(cost)
  const checker = createHashChecker()
  const read = hashReader({ argon2, checker, parameters })
  let decoy: Promise<string> | undefined
  // What an unknown account is checked against, so that it takes as long as a known one.
  const readDecoy = () => (decoy ??= hash('no account has this password', parameters))
  const firstOf = async (decoys: PasswordCheck['decoys']): Promise<ReadableHash> => {
    for (const stored of [...decoys, await readDecoy()]) {
      const usable = stored ? read(stored) : undefined
      if (usable) return usable
    }
    throw new Error('a hash that this server has made cannot be read')
  }

  return {
    hash: (password, origin) =>
      inTurn({ operation: 'hash', origin, isDear: false }, () => hash(password, parameters)),
    verify: async ({ password, hash: stored, decoys, secretOf }, origin) => {
      const judged = stored ? read(stored) : undefined
      const compared = judged ?? (await firstOf(decoys))
      return inTurn({ operation: 'verify', origin, isDear: compared.isDear }, async () => {
        observer?.checked(compared.kind)
        const isRight = (await compared.matches(password, secretOf)) && judged !== undefined
        // Only who knows the password may be told by the time that its hash is an older one.
        if (!isRight && compared.rest) await hash(password, compared.rest)
        return isRight
      })
    },
    prepare: async () => void (await readDecoy()),
    state: () => ({ ...queue.state(), ...(lastsMs !== undefined && { lastsMs }) }),
    isOutdated: (stored) => !isMadeWith(parameters, stored),
    close: checker.close,
  }
}

interface Turn {
  operation: 'hash' | 'verify'
  origin: Pick<Origin, 'ip'> | undefined
  isDear: boolean
}

/** Does work when its turn has come, and tells the observer. */
function turns(queue: HashingQueue, observer: HashingObserver | undefined, took: (tookMs: number) => void) {
  return async <T>({ operation, origin, isDear }: Turn, work: () => Promise<T>): Promise<T> => {
    const cameAt = performance.now()
    const run = isDear ? queue.runDear : queue.run
    try {
      return await run(origin, async () => {
        const startedAt = performance.now()
        observer?.began(startedAt - cameAt)
        try {
          return await work()
        } finally {
          const endedAt = performance.now()
          took(endedAt - startedAt)
          observer?.ended(operation, { startedAt, endedAt })
        }
      })
    } catch (error) {
      if (isRefusal(error, 'overloaded')) observer?.refused()
      throw error
    }
  }
}
