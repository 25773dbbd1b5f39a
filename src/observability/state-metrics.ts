import { setTimeout } from 'node:timers/promises'
import { Gauge, type Registry } from 'prom-client'
import type { JobQueue } from '../store/tables/jobs.ts'

/** Where the state of jobs and keys is looked up for each scrape. It may throw when the database does not answer. */
export interface StateSource {
  queue: Pick<JobQueue, 'state'>
  /** Since when the current key of each realm signs, in epoch milliseconds. */
  keysSince(): Promise<{ realm: string; since: number }[]>
  /** How many accounts of each realm have no hash of our own yet, as was counted last. */
  unsettled(): { realm: string; imported: number; pending: number }[]
  now(): number
}

/** A scrape is not kept waiting by a database that does not answer. */
const stateTimeoutMs = 2_000

/**
 * What the database says of jobs and keys, read again by the function that this returns; that never throws. When the
 * database does not answer, only that is said: what it said before is no longer known.
 */
export function stateMetrics(
  registry: Registry,
  { queue, keysSince, unsettled, now }: StateSource,
): () => Promise<void> {
  const registers = [registry]
  // All workers of a machine ask the same database, and one may have asked it a little later.
  const aggregator = 'max'
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, registers, aggregator, labelNames: [] })
  const isUp = new Gauge({
    name: 'manydoors_database_up',
    help: 'Whether the database answered this scrape.',
    registers,
    aggregator: 'min',
  })
  const waiting = gauge('manydoors_jobs_waiting', 'Jobs that are to be done, now or later.')
  const dead = gauge('manydoors_jobs_dead', 'Jobs that were given up: dead letters.')
  const lag = gauge('manydoors_job_lag_seconds', 'For how long the oldest due job has waited.')
  const keyAge = new Gauge({
    name: 'manydoors_signing_key_age_seconds',
    help: 'Since the current signing key began to sign.',
    labelNames: ['realm'],
    registers,
    aggregator,
  })
  new Gauge({
    name: 'manydoors_accounts_unsettled',
    help: 'Accounts without a hash of our own: with an imported one, or pending, as an old server knows the password.',
    labelNames: ['realm', 'state'],
    registers,
    aggregator,
    collect() {
      for (const { realm, imported, pending } of unsettled()) {
        this.set({ realm, state: 'imported' }, imported)
        this.set({ realm, state: 'pending' }, pending)
      }
    },
  })

  const read = async () => {
    const at = now()
    return { at, jobs: await queue.state(at), keys: await keysSince() }
  }
  return async () => {
    const late = setTimeout(stateTimeoutMs, undefined, { ref: false })
    const state = await Promise.race([read().catch(() => undefined), late])
    isUp.set(state ? 1 : 0)
    keyAge.reset()
    for (const each of [waiting, dead, lag]) each.remove()
    if (!state) return
    const { at, jobs, keys } = state
    waiting.set(jobs.waiting)
    dead.set(jobs.dead)
    lag.set((at - (jobs.dueSince ?? at)) / 1000)
    for (const { realm, since } of keys) keyAge.set({ realm }, (at - since) / 1000)
  }
}
