import { availableParallelism } from 'node:os'
import { createHasher } from '../../hasher.ts'
import { threadPoolSize } from '../../thread-pool.ts'
import { type Check, ok, warning } from './check.ts'

/** In milliseconds: how long passwords are hashed to see how many this machine can do. */
const measured = 1000

/** Node, the threads, and how many passwords a second this machine can hash. */
export function machineChecks(now: () => number): Check[] {
  return [
    { name: 'node', run: async () => ok(`Node ${process.versions.node} on ${process.platform}`) },
    { name: 'threads', run: checkThreads },
    { name: 'hashing', run: () => checkHashing(now) },
  ]
}

async function checkThreads() {
  const cores = availableParallelism()
  const threads = threadPoolSize()
  if (threads === cores) return ok(`${threads} threads for ${cores} cores`)
  return warning(
    `${threads} threads for ${cores} cores`,
    'leave UV_THREADPOOL_SIZE unset: passwords are hashed by as many threads as there are cores',
  )
}

async function checkHashing(now: () => number) {
  const cores = availableParallelism()
  const hasher = await createHasher({ concurrency: cores, queueLength: cores })
  const begin = now()
  let hashes = 0
  const keepHashing = async () => {
    while (now() - begin < measured) {
      await hasher.hash('a password of usual length')
      hashes++
    }
  }
  await Promise.all(Array.from({ length: cores }, keepHashing))
  const perSecond = Math.round((hashes * 1000) / (now() - begin))
  const says = `${perSecond} passwords a second, which is how many people can sign in`
  return perSecond >= 10 ? ok(says) : warning(says, 'give the server more or faster cores')
}
