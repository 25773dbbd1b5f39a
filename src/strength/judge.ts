import { Worker } from 'node:worker_threads'
import type { PasswordJudge } from '../core/context.ts'
import { AuthError } from '../core/errors.ts'
import { createFairQueue } from '../core/passwords/fair-queue.ts'
import type { Guess, Weakness } from '../core/passwords/guess.ts'

/** What the thread says of a guess. */
export interface Judged {
  weakness: Weakness | undefined
}

/** Passwords that may wait to be judged: a few seconds' worth of the worst. */
const places = 32

/** Whoever waits for the thread, which judges one password at a time. */
interface Asked {
  resolve(weakness: Weakness | undefined): void
  reject(error: Error): void
}

/**
 * Judges passwords on a thread of its own, one at a time, so that nothing else waits for it. The thread is started, and
 * its lists are loaded there, when the first password is to be judged: many servers never want them. Should it fail, so
 * does that judgement, and the next one starts another. `close` ends it.
 */
export function createPasswordJudge(): PasswordJudge & { close(): Promise<void> } {
  const queue = createFairQueue({ concurrency: 1, places })
  let thread: Worker | undefined
  let asked: Asked | undefined
  let isClosed = false

  const end = (error: Error) => {
    thread = undefined
    asked?.reject(error)
  }
  const start = () => {
    const started = new Worker(new URL('./judge-thread.ts', import.meta.url))
    // Others speak on this way, too: with `--watch` Node says which files a thread has loaded.
    started.on('message', (message: Judged | object) => {
      if ('weakness' in message) asked?.resolve(message.weakness)
    })
    started.on('error', end)
    started.on('exit', () => {
      if (thread === started) end(new Error('the thread that judges passwords has ended'))
    })
    return started
  }
  const ask = (guess: Guess) =>
    new Promise<Weakness | undefined>((resolve, reject) => {
      if (isClosed) throw new AuthError('unavailable')
      asked = { resolve, reject }
      thread ??= start()
      thread.postMessage(guess)
    })

  return {
    findWeakness: (guess, origin) => queue.run(origin, () => ask(guess)),
    close: async () => {
      isClosed = true
      const ending = thread
      end(new AuthError('unavailable'))
      await ending?.terminate()
    },
  }
}
