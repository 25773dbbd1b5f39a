import { availableParallelism } from 'node:os'
import { threadPoolSize } from '../../lib/thread-pool.ts'
import { type Check, ok, type Surroundings, warning } from './check.ts'

/** Node and the threads. */
export function machineChecks({ env }: Pick<Surroundings, 'env'>): Check[] {
  return [
    { name: 'node', run: async () => ok(`Node ${process.versions.node} on ${process.platform}`) },
    { name: 'threads', run: async () => checkThreads(threadPoolSize(env)) },
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
