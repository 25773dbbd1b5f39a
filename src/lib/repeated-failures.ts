/** What is logged of a failure now. `more` is how many of its kind came in the minute before, without a line. */
export interface RepeatedFailures {
  /** Whether a failure is the first of its kind in a minute; else it is counted, and told of when the minute is over. */
  isFirst(failure: Failure): boolean
}

/** A failure, and how the rest of its kind is told of. */
interface Failure {
  error: Error
  /** What the log says of it. */
  message: string
  /** Is given how many more there were, once the minute is over, if there were any. */
  tell(more: number): void
}

interface Kind {
  since: number
  more: number
  tell(more: number): void
  timer: NodeJS.Timeout
}

/** In milliseconds. */
const window = 60_000
/** Further ones share one count: messages may have names in them. */
const mostKinds = 100

/** Tells the first failure of a kind in a minute from the rest, which it counts. `now` in milliseconds. */
export function repeatedFailures(now: () => number): RepeatedFailures {
  const kinds = new Map<string, Kind>()

  const end = (name: string) => {
    const kind = kinds.get(name)
    kinds.delete(name)
    clearTimeout(kind?.timer)
    if (kind && kind.more > 0) kind.tell(kind.more)
  }
  return {
    isFirst: ({ error, message, tell }) => {
      const own = [message, ...namesOf(error)].join('\n')
      const name = kinds.has(own) || kinds.size < mostKinds ? own : 'others'
      const known = kinds.get(name)
      // A clock may be set.
      if (known && Math.abs(now() - known.since) < window) {
        known.more++
        return false
      }
      end(name)
      const timer = setTimeout(() => end(name), window).unref()
      kinds.set(name, { since: now(), more: 0, tell, timer })
      return true
    },
  }
}

/** What two failures of one kind have in common: message, code and the place that they come from, causes too. */
function namesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const place = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at ')) ?? ''
  const { code } = error as NodeJS.ErrnoException
  return [error.message, String(code), place, ...namesOf(error.cause)]
}
