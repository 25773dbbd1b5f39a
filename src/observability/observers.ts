import type { Observe } from '../core/events.ts'
import type { DeliveryObserver } from '../delivery/jobs/observed.ts'
import type { RequestObserver } from '../http/observe.ts'
import type { HashingObserver } from '../server/hasher.ts'
import type { DatabaseObserver } from '../store/observed.ts'
import type { AskedHook } from '../upstream/hook.ts'
import type { OldServerObserver } from '../upstream/old-server.ts'

/** Receives what a server does, each part of it in that part's own words. */
export interface Observers {
  request: RequestObserver
  core: Observe
  limitRefused(rule: string): void
  hashing: HashingObserver
  database: DatabaseObserver
  delivery: DeliveryObserver
  /** Of the old server of that door; there is one at most. */
  oldServer(door: { realm: string; dialect: string }): OldServerObserver
  /** Of the hooks of that realm. */
  hooks(realm: string): (asked: AskedHook) => void
}

/** Observers that do nothing. */
export const noObservers: Observers = {
  request: () => {},
  core: () => {},
  limitRefused: () => {},
  hashing: { began: () => {}, ended: () => {}, checked: () => {}, refused: () => {}, queue: () => {} },
  database: { statement: () => {}, pool: () => {} },
  delivery: { job: () => {}, message: () => {}, givenUp: () => {} },
  oldServer: () => ({ answered: () => {}, signedOut: () => {}, state: () => {} }),
  hooks: () => () => {},
}
