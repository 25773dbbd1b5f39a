import type { Config } from '../config/config.ts'
import type { Log } from '../core/log.ts'
import type { RequestObservation, RequestRecord } from '../http/observe.ts'
import type { Metrics } from './metrics.ts'
import { noObservers, type Observers } from './observers.ts'
import { createTraffic, type Traffic } from './traffic.ts'

/** The metrics, the traces and the log of requests of a server, as far as they are configured. */
export interface Observation {
  observers: Observers
  requests: RequestObservation
  metrics?: Metrics
  /** What operators are shown of the requests. */
  traffic: Traffic
  /** Runs work that is of no request, even when a request sets it off. */
  outside<T>(work: () => T): T
  /** The trace that a line of the log belongs to. */
  here(): { traceId?: string }
  /** Sends what is left of traces. */
  close(): Promise<void>
}

/** Sets up what is configured, and loads nothing else. */
export async function openObservation(
  config: Pick<Config, 'metrics' | 'traces' | 'logRequests' | 'database' | 'realms'>,
  { log, now }: { log: Log; now: () => number },
): Promise<Observation> {
  const { engine } = config.database
  const metrics = config.metrics && (await import('./metrics.ts')).createMetrics(engine, config.realms.length)
  const tracing =
    config.traces && (await import('./tracing.ts')).openTracing(config.traces, { engine, log, now })
  const traffic = createTraffic(now)
  const counting = countingTraffic(metrics?.observers ?? noObservers, traffic)
  const observers = tracing?.extend(counting) ?? counting
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
    traffic,
    outside: tracing?.outside ?? ((work) => work()),
    here: () => tracing?.here() ?? {},
    close: async () => tracing?.close(),
  }
}

function countingTraffic(observers: Observers, traffic: Traffic): Observers {
  return {
    ...observers,
    request: (seen) => {
      observers.request(seen)
      traffic.request(seen)
    },
    core: (event) => {
      observers.core(event)
      traffic.core(event)
    },
  }
}

function logRequest(log: Log, seen: RequestRecord): void {
  const { id, traceId, realm, dialect, method, route, status, outcome, startedAt, endedAt } = seen
  const ms = Math.round((endedAt - startedAt) * 10) / 10
  log.info({ requestId: id, traceId, realm, dialect, method, route, status, outcome, ms }, 'request')
}
