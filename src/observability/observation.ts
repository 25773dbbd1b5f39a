import type { Config } from '../config/config.ts'
import type { TracesConfig } from '../config/sections/traces.ts'
import type { Log } from '../core/log.ts'
import type { RequestObservation } from '../http/observe.ts'
import { joinObservers } from './join.ts'
import type { Metrics } from './metrics.ts'
import { noObservers, type Observers } from './observers.ts'
import type { Tracing, TracingParts } from './tracing.ts'

/** What a server tells of itself: its metrics, its traces and its log of requests, as far as they are wanted. */
export interface Observation {
  observers: Observers
  requests: RequestObservation
  metrics?: Metrics
  /** Runs work that is of no request, even when a request sets it off. */
  outside<T>(work: () => T): T
  /** What a line of the log has of the trace that it belongs to. */
  here(): { traceId?: string }
  /** Sends what is left of traces. */
  close(): Promise<void>
}

/** Sets up what is wanted; what is not is not even loaded. */
export async function openObservation(
  config: Pick<Config, 'metrics' | 'traces' | 'logRequests' | 'database' | 'realms'>,
  { log, now }: { log: Log; now: () => number },
): Promise<Observation> {
  const { engine } = config.database
  const metrics = config.metrics && (await import('./metrics.ts')).createMetrics(engine, config.realms.length)
  const tracing = config.traces && (await openTraces(config.traces, { engine, log, now }))
  const observers = joinObservers(metrics?.observers ?? noObservers, tracing?.observers ?? noObservers)
  return {
    observers,
    requests: {
      seen: (seen) => {
        observers.request(seen)
        if (config.logRequests) logRequest(log, seen)
      },
      begin: tracing?.begin,
    },
    metrics,
    outside: tracing?.outside ?? ((work) => work()),
    here: () => tracing?.here() ?? {},
    close: async () => tracing?.close(),
  }
}

async function openTraces(config: TracesConfig, parts: TracingParts): Promise<Tracing> {
  const { openTracing } = await import('./tracing.ts')
  return openTracing(config, parts)
}

function logRequest(log: Log, seen: Parameters<Observers['request']>[0]): void {
  const { id, traceId, realm, dialect, method, route, status, outcome, startedAt, endedAt } = seen
  const ms = Math.round((endedAt - startedAt) * 10) / 10
  log.info({ requestId: id, traceId, realm, dialect, method, route, status, outcome, ms }, 'request')
}
