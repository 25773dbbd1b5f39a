import { Gauge, type Registry } from 'prom-client'
import type { HashingObserver } from '../server/hasher.ts'
import { counter, histogram, seconds } from './instruments.ts'

/** Passwords that are hashed, wait for it or are refused. */
export function hashingMetrics(registry: Registry): HashingObserver {
  const wait = histogram(registry, {
    name: 'manydoors_hashing_wait_seconds',
    help: 'How long passwords have waited for a free core.',
    labelNames: [],
    buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  })
  const time = histogram(registry, {
    name: 'manydoors_hashing_duration_seconds',
    help: 'How long hashing took, without the wait.',
    labelNames: ['operation'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  })
  const countCheck = counter(registry, {
    name: 'manydoors_password_checks_total',
    help: 'Passwords that were checked, by the kind of hash: one of our own, or of another system.',
    labelNames: ['kind'],
  })
  const countRefusal = counter(registry, {
    name: 'manydoors_hashing_refused_total',
    help: 'Passwords that were refused because too many waited.',
    labelNames: [],
  })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })

  return {
    began: (waited) => wait({}, waited / 1000),
    ended: (operation, times) => time({ operation }, seconds(times)),
    checked: (kind) => countCheck({ kind }),
    refused: () => countRefusal({}),
    queue: (read) => {
      gauge('manydoors_hashing_running', 'Passwords that are being hashed.', () => read().running)
      gauge('manydoors_hashing_waiting', 'Passwords that wait for a free core.', () => read().waiting)
    },
  }
}
