const maxFailures = 5
const windowMs = 30_000
const restMs = 30_000

/** How an attempt has ended; `unasked` when it has come to nothing. */
export type Ending = { isAlive: true } | { isAlive: false; household: string | undefined } | 'unasked'

/** Keeps from asking a server that fails. */
export interface Breaker {
  /**
   * Begins an attempt of a household; what it returns is called once when that has ended. `undefined` while the server is
   * left alone.
   */
  begin(household?: string): ((ending: Ending) => void) | undefined
  state(): 'closed' | 'open' | 'trial'
}

interface Failure {
  at: number
  household: string | undefined
}

/**
 * Five failures in 30 seconds, with no good answer between them, open it for 30 seconds; then one attempt is let through,
 * which closes it or opens it anew. Of failures that one household may have provoked, one counts, and a trial that it may
 * have made fail leaves the next to others: else one that knows how would keep it open. `now` is in milliseconds.
 */
export function createBreaker(now: () => number): Breaker {
  let failures: Failure[] = []
  let openUntil: number | undefined
  let isTrying = false

  const hasFailed = (household: string | undefined) => {
    failures = failures.filter(({ at }) => at > now() - windowMs)
    return household !== undefined && failures.some((failure) => failure.household === household)
  }
  const note = (household: string | undefined) => {
    if (hasFailed(household)) return
    failures.push({ at: now(), household })
    if (failures.length >= maxFailures) open()
  }
  const open = () => {
    failures = []
    openUntil = now() + restMs
  }
  const close = () => {
    failures = []
    openUntil = undefined
  }

  const tried = (ending: Ending) => {
    isTrying = false
    if (ending === 'unasked') return
    if (ending.isAlive) close()
    else if (ending.household === undefined) open()
    else note(ending.household)
  }
  const ended = (ending: Ending) => {
    // Those that began before it opened say nothing of how the server is since.
    if (ending === 'unasked' || openUntil !== undefined) return
    if (ending.isAlive) failures = []
    else note(ending.household)
  }

  return {
    begin: (household) => {
      if (openUntil === undefined) return ended
      if (isTrying || now() < openUntil || hasFailed(household)) return undefined
      isTrying = true
      return tried
    },
    state: () => {
      if (openUntil === undefined) return 'closed'
      return isTrying ? 'trial' : 'open'
    },
  }
}
