import type { Registry } from 'prom-client'
import type { Observe } from '../core/events.ts'
import { counter } from './instruments.ts'

/** Sign-ins, refreshes and every other event of the audit trail, by how they ended. */
export function coreMetrics(registry: Registry): Observe {
  const countSignIn = counter(registry, {
    name: 'manydoors_sign_ins_total',
    help: 'Sign-ins whose password or code was judged, by what became of them.',
    labelNames: ['realm', 'dialect', 'outcome'],
  })
  const countRefresh = counter(registry, {
    name: 'manydoors_refreshes_total',
    help: 'Refresh tokens that were shown, by what became of them; reused is theft.',
    labelNames: ['realm', 'dialect', 'outcome'],
  })
  const countEvent = counter(registry, {
    name: 'manydoors_events_total',
    help: 'Events of the audit trail.',
    labelNames: ['realm', 'dialect', 'event', 'outcome'],
  })

  return (coreEvent) => {
    const { realm, dialect = 'none', what, outcome } = coreEvent
    if (what === 'refresh') {
      countRefresh({ realm, dialect, outcome })
      countRefresh({ realm, dialect, outcome: 'reused' }, 0)
      return
    }
    const { event, detail = outcome } = coreEvent
    countEvent({ realm, dialect, event, outcome })
    if (event === 'sign_in')
      countSignIn({ realm, dialect, outcome: outcome === 'success' ? outcome : detail })
  }
}
