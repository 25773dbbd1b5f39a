import type { Observe } from '../core/events.ts'
import type { DeliveryObserver } from '../delivery/jobs/observed.ts'
import type { RequestObserver } from '../http/observe.ts'
import type { HashingObserver } from '../server/hasher.ts'
import type { DatabaseObserver } from '../store/observed.ts'

/** Who is told of what a server does, each in the words of the part that does it. */
export interface Observers {
  request: RequestObserver
  core: Observe
  limitRefused(rule: string): void
  hashing: HashingObserver
  database: DatabaseObserver
  delivery: DeliveryObserver
}

/** Nobody. */
export const noObservers: Observers = {
  request: () => {},
  core: () => {},
  limitRefused: () => {},
  hashing: { began: () => {}, ended: () => {}, refused: () => {}, queue: () => {} },
  database: { statement: () => {}, pool: () => {} },
  delivery: { job: () => {}, message: () => {}, givenUp: () => {} },
}
