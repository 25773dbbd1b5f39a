import type { Registry } from 'prom-client'
import type { AskedHook } from '../upstream/hook.ts'
import { counter, histogram, seconds } from './instruments.ts'

/** What the hooks of each realm are asked, what they say, and how long they take. */
export function hookMetrics(registry: Registry): (realm: string) => (asked: AskedHook) => void {
  const labelNames = ['realm', 'hook'] as const
  const count = counter(registry, {
    name: 'manydoors_hook_asks_total',
    help: 'Questions to the hooks before sign-up and sign-in, by what came of them.',
    labelNames: [...labelNames, 'outcome'],
  })
  const time = histogram(registry, {
    name: 'manydoors_hook_duration_seconds',
    help: 'How long hooks have taken to answer, or until they were given up.',
    labelNames,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
  })
  return (realm) =>
    ({ name: hook, outcome, ...times }) => {
      count({ realm, hook, outcome })
      if (outcome !== 'resting') time({ realm, hook }, seconds(times))
    }
}
