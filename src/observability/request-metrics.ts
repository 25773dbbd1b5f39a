import type { Registry } from 'prom-client'
import type { RequestObserver } from '../http/observe.ts'
import { counter, histogram, seconds } from './instruments.ts'

/** With more realms than this, none has a time series for each of its routes: there would be tens of thousands. */
const maxRealmsByRoute = 20

/** Requests by what became of them, and how long they took. `realms` is how many there are. */
export function requestMetrics(registry: Registry, realms: number): RequestObserver {
  const hasRoutes = realms <= maxRealmsByRoute
  const count = counter(registry, {
    name: 'manydoors_requests_total',
    help: 'Requests that have ended.',
    labelNames: ['realm', 'dialect', 'method', 'route', 'status', 'outcome'],
  })
  const time = histogram(registry, {
    name: 'manydoors_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['dialect', 'method', 'route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })

  return (seen) => {
    const { realm = 'none', dialect = 'none', outcome } = seen
    // Requests for what is not there may have any method.
    const method = seen.route === undefined ? 'any' : seen.method
    const route = seen.route ?? 'none'
    const counted = hasRoutes ? { method, route } : { method: 'any', route: 'any' }
    count({ realm, dialect, ...counted, status: `${Math.floor(seen.status / 100)}xx`, outcome })
    time({ dialect, method, route }, seconds(seen))
  }
}
