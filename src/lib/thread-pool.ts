import { availableParallelism } from 'node:os'

/**
 * Gives libuv's pool, which hashes passwords, a thread per core: more only add latency. Works only before the pool
 * is first used. What the environment says is left as it is.
 */
export function sizeThreadPool(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism())
}

/** How many threads libuv's pool has; its default is 4. */
export function threadPoolSize(env: { UV_THREADPOOL_SIZE?: string }): number {
  return Number(env.UV_THREADPOOL_SIZE ?? 4)
}
