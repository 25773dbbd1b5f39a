import { noObservers, type Observers } from './observers.ts'

/** Tells both of everything; nothing is called for one who does not want to know anything. */
export function joinObservers(first: Observers, second: Observers): Observers {
  if (first === noObservers) return second
  if (second === noObservers) return first
  return {
    request: both(first.request, second.request),
    core: both(first.core, second.core),
    limitRefused: both(first.limitRefused, second.limitRefused),
    hashing: {
      began: both(first.hashing.began, second.hashing.began),
      ended: both(first.hashing.ended, second.hashing.ended),
      refused: both(first.hashing.refused, second.hashing.refused),
      queue: both(first.hashing.queue, second.hashing.queue),
    },
    database: {
      statement: both(first.database.statement, second.database.statement),
      pool: both(first.database.pool, second.database.pool),
    },
    delivery: {
      job: both(first.delivery.job, second.delivery.job),
      message: both(first.delivery.message, second.delivery.message),
      givenUp: both(first.delivery.givenUp, second.delivery.givenUp),
      within: second.delivery.within ?? first.delivery.within,
    },
  }
}

function both<Given extends unknown[]>(
  first: (...given: Given) => void,
  second: (...given: Given) => void,
): (...given: Given) => void {
  return (...given) => {
    first(...given)
    second(...given)
  }
}
