import { Gauge, type Registry } from 'prom-client'

/** What is looked up for each scrape. */
export interface State {
  /** Jobs that are to be done, now or later. */
  waitingJobs: number
  /** Jobs that were given up. */
  deadJobs: number
  /** For how long the oldest due one has waited, in seconds. */
  jobLag: number
  /** In seconds, since the realm's current key began to sign. */
  keyAges: Map<string, number>
}

/** In milliseconds: a scrape is not kept waiting by a database that does not answer. */
const patience = 2_000

/**
 * What the database says of jobs and keys, read again by the function that this returns; that never throws. When the
 * database does not answer, only that is said: what it said before is no longer known.
 */
export function stateMetrics(registry: Registry, readState: () => Promise<State>): () => Promise<void> {
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

  return async () => {
    const state = await inTime(readState()).catch(() => undefined)
    isUp.set(state ? 1 : 0)
    keyAge.reset()
    for (const each of [waiting, dead, lag]) each.remove()
    if (!state) return
    waiting.set(state.waitingJobs)
    dead.set(state.deadJobs)
    lag.set(state.jobLag)
    for (const [realm, age] of state.keyAges) keyAge.set({ realm }, age)
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('no answer in time')), patience)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
