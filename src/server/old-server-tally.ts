import type { PasswordAnswer } from '../core/switching/upstream.ts'
import type { UpstreamHealth } from '../core/switching/upstream-health.ts'
import type { OldServerObserver } from '../upstream/old-server.ts'

/** Counts what an old server answers, for operators who look at it here. */
export interface OldServerTally {
  observer: OldServerObserver
  read(): Pick<UpstreamHealth, 'outcomes' | 'answeredAt' | 'lastFailure'>
}

/** Starts with nothing. `now` is in epoch milliseconds; `next` receives everything, too. */
export function tallyOldServer(now: () => number, next: OldServerObserver | undefined): OldServerTally {
  const outcomes = new Map<string, number>()
  let answeredAt: number | undefined
  let lastFailure: UpstreamHealth['lastFailure']
  const count = (answer: PasswordAnswer) => {
    const outcome = answer.outcome === 'failed' ? answer.why : answer.outcome
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (answer.outcome === 'right' || answer.outcome === 'wrong') answeredAt = now()
    if (answer.outcome === 'failed' && answer.why !== 'resting') lastFailure = { why: answer.why, at: now() }
  }
  return {
    observer: {
      answered: (answer, times) => {
        count(answer)
        next?.answered(answer, times)
      },
      signedOut: (isDone) => next?.signedOut(isDone),
      state: (read) => next?.state(read),
    },
    read: () => ({
      outcomes: [...outcomes].map(([outcome, count]) => ({ outcome, count })),
      ...(answeredAt !== undefined && { answeredAt }),
      ...(lastFailure && { lastFailure }),
    }),
  }
}
