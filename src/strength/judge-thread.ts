import { parentPort } from 'node:worker_threads'
import type { Guess } from '../core/passwords/guess.ts'
import { findWeakness } from './estimate.ts'
import type { Judged } from './judge.ts'

/** The thread that judges passwords, one after the other. */
const port = parentPort
if (!port) throw new Error('the judge runs in a thread of its own')

port.on('message', (guess: Guess) => {
  const judged: Judged = { weakness: findWeakness(guess) }
  port.postMessage(judged)
})
