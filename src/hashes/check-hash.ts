import { createThread } from '../lib/thread.ts'
import { readHash } from './read-hash.ts'

/** What the thread is asked. */
export interface HashQuestion {
  stored: string
  password: string
  secret?: Uint8Array
}

/** What it answers. */
export interface HashAnswer {
  isRight: boolean
}

/** Checks passwords against hashes that others have made. */
export interface HashChecker {
  /**
   * Whether it is the password; the secret is that which the hash names (`ForeignHash.secretId`). Throws `UnusableHash`, and
   * `ThreadEnded` when the thread that some kinds need fails or was closed.
   */
  check(stored: string, password: string, secret?: Buffer): Promise<boolean>
  /** Ends the thread. */
  close(): Promise<void>
}

/**
 * A checker that keeps the calling thread free: what does not run on libuv's threads runs on one of its own, one at a time.
 * It has no bound on how many wait, so whoever calls it needs one.
 */
export function createHashChecker(): HashChecker {
  const thread = createThread<HashQuestion, HashAnswer>({
    module: new URL('./hash-thread.ts', import.meta.url),
    isAnswer: (message): message is HashAnswer => 'isRight' in message,
  })

  return {
    check: async (stored, password, secret) => {
      const foreign = readHash(stored)
      // Nothing that takes time is to be done for these.
      if (foreign.runsOn === 'pool' || password === '') return foreign.matches(password, secret)
      const { isRight } = await thread.ask({ stored, password, ...(secret && { secret }) })
      return isRight
    },
    close: thread.close,
  }
}
