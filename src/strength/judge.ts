import type { PasswordJudge } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import { createFairQueue } from '../core/passwords/fair-queue.ts'
import type { Guess, Weakness } from '../core/passwords/guess.ts'
import { createThread, ThreadEnded } from '../lib/thread.ts'

/** What the thread says of a guess. */
export interface Judged {
  weakness: Weakness | undefined
}

/** Passwords that may wait to be judged: a few seconds' worth of the worst. */
const places = 32

/**
 * Judges passwords on a thread of its own, one at a time, so that nothing else waits for it. The thread is started, and
 * its lists are loaded there, when the first password is to be judged: many servers never want them. Should it fail, so
 * does that judgement, and the next one starts another. `close` ends it.
 */
export function createPasswordJudge(): PasswordJudge & { close(): Promise<void> } {
  const queue = createFairQueue({ concurrency: 1, places: () => places })
  const thread = createThread<Guess, Judged>({
    module: new URL('./judge-thread.ts', import.meta.url),
    isAnswer: (message): message is Judged => 'weakness' in message,
  })
  const judge = async (guess: Guess): Promise<Weakness | undefined> => {
    try {
      return (await thread.ask(guess)).weakness
    } catch (error) {
      throw error instanceof ThreadEnded ? new AuthError('unavailable') : error
    }
  }

  return {
    findWeakness: (guess, origin) => queue.run(origin, () => judge(guess)),
    close: thread.close,
  }
}
