import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import pkg from '../../package.json' with { type: 'json' }
import { coreMetrics } from './core-metrics.ts'
import { databaseMetrics } from './database-metrics.ts'
import { deliveryMetrics } from './delivery-metrics.ts'
import { hashingMetrics } from './hashing-metrics.ts'
import { hookMetrics } from './hook-metrics.ts'
import { counter } from './instruments.ts'
import type { Observers } from './observers.ts'
import { oldServerMetrics } from './old-server-metrics.ts'
import { requestMetrics } from './request-metrics.ts'
import { type StateSource, stateMetrics } from './state-metrics.ts'

/** What a scrape is answered with. */
export interface MetricsSource {
  contentType: string
  /** In Prometheus' text format. */
  text(): Promise<string>
  /** As prom-client has it, for another process to add up. */
  values(): Promise<object[]>
}

export interface Metrics extends MetricsSource {
  observers: Observers
  /** Has every scrape read what the database knows. */
  watchState(source: StateSource): void
}

/** The metrics of one server with so many realms, in a registry of its own. `engine` is that of its database. */
export function createMetrics(engine: string, realms: number): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  buildInfo(registry, engine)
  const countRefusal = counter(registry, {
    name: 'manydoors_limit_refusals_total',
    help: 'Uses that a limit did not allow.',
    labelNames: ['rule'],
  })
  let readState = async () => {}

  return {
    observers: {
      request: requestMetrics(registry, realms),
      core: coreMetrics(registry),
      limitRefused: (rule) => countRefusal({ rule }),
      hashing: hashingMetrics(registry),
      database: databaseMetrics(registry, engine),
      delivery: deliveryMetrics(registry),
      oldServer: oldServerMetrics(registry),
      hooks: hookMetrics(registry),
    },
    watchState: (source) => {
      readState = stateMetrics(registry, source)
    },
    contentType: registry.contentType,
    text: async () => {
      await readState()
      return registry.metrics()
    },
    values: async () => {
      await readState()
      return registry.getMetricsAsJSON()
    },
  }
}

function buildInfo(registry: Registry, engine: string): void {
  new Gauge({
    name: 'manydoors_build_info',
    help: 'Always 1: which release this is, and on which database.',
    labelNames: ['version', 'engine'],
    registers: [registry],
    aggregator: 'first',
  })
    .labels(pkg.version, engine)
    .set(1)
}
