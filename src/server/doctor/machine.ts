import { availableParallelism } from 'node:os'
import { say } from '../../admin/findings.ts'
import { threadPoolSize } from '../../lib/thread-pool.ts'
import { type Check, ok, type Surroundings, warning } from './check.ts'

/** Node and the threads. */
export function machineChecks({ env }: Pick<Surroundings, 'env'>): Check[] {
  return [
    { name: 'node', run: async () => checkNode() },
    { name: 'threads', run: async () => checkThreads(threadPoolSize(env)) },
  ]
}

function checkNode() {
  const { platform, versions } = process
  return ok(say('Node {node} on {platform}', { node: versions.node, platform }))
}

function checkThreads(threads: number) {
  const cores = availableParallelism()
  const says = say('{threads} threads for {cores} cores', { threads, cores })
  if (threads === cores) return ok(says)
  return warning(
    says,
    say('leave UV_THREADPOOL_SIZE unset: passwords are hashed by as many threads as there are cores'),
  )
}
