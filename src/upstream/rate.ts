const minuteMs = 60_000

/** Counts what is done, so that it is done no more than so often in any minute. */
export interface Rate {
  /** Counts one, or says after how many seconds one may be. */
  take(): { retryAfterSeconds: number } | undefined
}

/** At most `perMinute` in any 60 seconds. `now` is in milliseconds. */
export function createRate(perMinute: number, now: () => number): Rate {
  /** When the last ones were, each at the place of the one that was `perMinute` before it. */
  const times: number[] = []
  let next = 0
  return {
    take: () => {
      const earliest = (times[next] ?? Number.NEGATIVE_INFINITY) + minuteMs
      const waitMs = earliest - now()
      if (waitMs > 0) return { retryAfterSeconds: Math.ceil(waitMs / 1000) }
      times[next] = now()
      next = (next + 1) % perMinute
      return undefined
    },
  }
}
