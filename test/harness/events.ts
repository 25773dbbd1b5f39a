import { setTimeout as pause } from 'node:timers/promises'

/** Between two looks when nothing is said: other processes say nothing. */
const intervalMs = 10

let next = Promise.withResolvers<void>()

/** Says that something has happened that tests may wait for, such as a message kept or a line logged. */
export function notify(): void {
  next.resolve()
  next = Promise.withResolvers()
}

/**
 * What `find` returns, once it is not `undefined`: it is asked at once, after each `notify`, and now and then for what
 * another process does. Fails, naming what it waited for, after half a minute or `timeoutMs`.
 */
export async function eventually<T>(
  what: string,
  find: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline) {
    // Taken before the look: what happens during it is not missed.
    const { promise } = next
    const found = await find()
    if (found !== undefined) return found
    await Promise.race([promise, pause(intervalMs)])
  }
  throw new Error(`waited in vain for ${what}`)
}
