import { Gauge, type Registry } from 'prom-client'
import type { DatabaseObserver } from '../store/observed.ts'
import { counter, histogram, seconds } from './instruments.ts'
import { kindOfStatement } from './statements.ts'

/** Statements by kind, what the database refused, and the pool. */
export function databaseMetrics(registry: Registry, engine: string): DatabaseObserver {
  const time = histogram(registry, {
    name: 'manydoors_database_statement_duration_seconds',
    help: 'How long statements took, begin and commit among them.',
    labelNames: ['engine', 'statement'],
    buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
  })
  const countError = counter(registry, {
    name: 'manydoors_database_errors_total',
    help: 'Statements and connections that failed: unavailable (gone, locked, full) or refused.',
    labelNames: ['engine', 'reason'],
  })
  for (const reason of ['unavailable', 'refused']) countError({ engine, reason }, 0)

  return {
    statement: (seen) => {
      time({ engine, statement: kindOfStatement(seen.sql) }, seconds(seen))
      if (seen.error === undefined) return
      countError({ engine, reason: isUnavailable(seen.error) ? 'unavailable' : 'refused' })
    },
    pool: (read) => {
      const states = ['total', 'idle', 'waiting'] as const
      new Gauge({
        name: 'manydoors_database_pool_connections',
        help: 'Connections to PostgreSQL: total, idle of these, and requests that wait for one.',
        labelNames: ['state'],
        registers: [registry],
        collect() {
          const use = read()
          for (const state of states) this.set({ state }, use[state])
        },
      })
    },
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && error.name === 'DatabaseUnavailable'
}
