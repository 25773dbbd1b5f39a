const timeoutMs = 30_000

let next = Promise.withResolvers<void>()

/** Says that something has happened that tests may wait for, such as a message kept or a line logged. */
export function notify(): void {
  next.resolve()
  next = Promise.withResolvers()
}

/**
 * What `find` returns, once it is not `undefined`: it is asked at once, and again after each `notify`. Fails, naming
 * what it waited for, after half a minute. For what another process does there is `eventually`.
 */
export async function when<T>(what: string, find: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const timeout = Promise.withResolvers<never>()
  timeout.promise.catch(() => {})
  const timer = setTimeout(() => timeout.reject(new Error(`waited in vain for ${what}`)), timeoutMs)
  try {
    for (;;) {
      // Taken before the look: what happens during it is not missed.
      const { promise } = next
      const found = await find()
      if (found !== undefined) return found
      await Promise.race([promise, timeout.promise])
    }
  } finally {
    clearTimeout(timer)
  }
}
