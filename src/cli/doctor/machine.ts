import { availableParallelism } from 'node:os'
import type { HashingCost } from '../../core/passwords/hashing.ts'
import { threadPoolSize } from '../../lib/thread-pool.ts'
import type { Outside } from '../outside.ts'
import { type Check, ok, warning } from './check.ts'
import { hashingCheck } from './hashing.ts'

/** Node, the threads, and how many passwords a second this machine can hash. */
export function machineChecks(
  hashing: HashingCost,
  outside: Pick<Outside, 'env' | 'now' | 'argon2'>,
): Check[] {
  return [
    { name: 'node', run: async () => ok(`Node ${process.versions.node} on ${process.platform}`) },
    { name: 'threads', run: async () => checkThreads(threadPoolSize(outside.env)) },
    hashingCheck(hashing, outside),
  ]
}

function checkThreads(threads: number) {
  const cores = availableParallelism()
  if (threads === cores) return ok(`${threads} threads for ${cores} cores`)
  return warning(
    `${threads} threads for ${cores} cores`,
    'leave UV_THREADPOOL_SIZE unset: passwords are hashed by as many threads as there are cores',
  )
}
