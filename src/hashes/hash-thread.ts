import { parentPort } from 'node:worker_threads'
import type { HashAnswer, HashQuestion } from './check-hash.ts'
import { readHash } from './read-hash.ts'

/** The thread that checks hashes whose computation would block whoever does it. */
const port = parentPort
if (!port) throw new Error('hashes are checked in a thread of their own')

port.on('message', async ({ stored, password, secret }: HashQuestion) => {
  const isRight = await readHash(stored).matches(password, secret && Buffer.from(secret))
  const answer: HashAnswer = { isRight }
  port.postMessage(answer)
})
