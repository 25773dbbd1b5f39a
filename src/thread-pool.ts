import { availableParallelism } from 'node:os'

/**
 * Gives libuv's pool, which hashes passwords, a thread per core: more only add latency. Works only before the pool
 * is first used. What the environment says is left as it is.
 */
export function sizeThreadPool(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism())
}

/** How many threads libuv's pool has. */
export function threadPoolSize(): number {
  return Number(process.env.UV_THREADPOOL_SIZE)
}
