import { parentPort, threadId } from 'node:worker_threads'

/** A thread that answers with what it is asked, and fails in two ways. */
parentPort?.on('message', (question: string) => {
  if (question === 'end') process.exit(3)
  if (question === 'throw') throw new Error('thrown in the thread')
  // Not everything that comes from a thread is an answer.
  parentPort?.postMessage({ 'watch:import': [] })
  parentPort?.postMessage({ answer: question, threadId })
})
