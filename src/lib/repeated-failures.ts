interface Failure {
  error: Error
  /** What the log says of it. */
  message: string
  /** Receives how many more there were, once the minute is over, if there were any. */
  report(more: number): void
}

interface Kind {
  since: number
  more: number
  report(more: number): void
  timer: NodeJS.Timeout
}

const windowMs = 60_000
/** Further ones share one count: messages may have names in them. */
const maxKinds = 100

/** Tells whether a failure is the first of its kind in a minute; the others are counted and reported when that is over. */
export function repeatedFailures(now: () => number): (failure: Failure) => boolean {
  const kinds = new Map<string, Kind>()

  const end = (name: string) => {
    const kind = kinds.get(name)
    kinds.delete(name)
    clearTimeout(kind?.timer)
    if (kind && kind.more > 0) kind.report(kind.more)
  }
  return ({ error, message, report }) => {
    const own = [message, ...namesOf(error)].join('\n')
    const name = kinds.has(own) || kinds.size < maxKinds ? own : 'others'
    const known = kinds.get(name)
    // A clock may be set.
    if (known && Math.abs(now() - known.since) < windowMs) {
      known.more++
      return false
    }
    end(name)
    const timer = setTimeout(() => end(name), windowMs).unref()
    kinds.set(name, { since: now(), more: 0, report, timer })
    return true
  }
}

/** What two failures of one kind have in common: message, code and the place that they come from, causes too. */
function namesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const place = error.stack?.split('\n').find((line) => line.trimStart().startsWith('at ')) ?? ''
  const { code } = error as NodeJS.ErrnoException
  return [error.message, String(code), place, ...namesOf(error.cause)]
}
