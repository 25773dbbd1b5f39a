import type { Registry } from 'prom-client'
import type { DeliveryObserver } from '../delivery/jobs/observed.ts'
import { counter, histogram, seconds } from './instruments.ts'

const buckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Attempts at jobs, and at the messages that they send. */
export function deliveryMetrics(registry: Registry): DeliveryObserver {
  const countAttempt = counter(registry, {
    name: 'manydoors_job_attempts_total',
    help: 'Attempts at jobs, by how they ended.',
    labelNames: ['kind', 'outcome'],
  })
  const countGivenUp = counter(registry, {
    name: 'manydoors_jobs_given_up_total',
    help: 'Jobs that were given up, by why.',
    labelNames: ['kind', 'reason'],
  })
  const timeJob = histogram(registry, {
    name: 'manydoors_job_duration_seconds',
    help: 'How long attempts at jobs took.',
    labelNames: ['kind'],
    buckets,
  })
  const countMessage = counter(registry, {
    name: 'manydoors_messages_total',
    help: 'Messages that were handed to the mail server or the SMS gateway, by what that said.',
    labelNames: ['channel', 'outcome'],
  })
  const timeMessage = histogram(registry, {
    name: 'manydoors_message_duration_seconds',
    help: 'How long the mail server or the SMS gateway took.',
    labelNames: ['channel'],
    buckets,
  })

  return {
    job: ({ kind }, seen) => {
      countAttempt({ kind, outcome: seen.outcome })
      timeJob({ kind }, seconds(seen))
    },
    givenUp: (kind, reason) => countGivenUp({ kind, reason }),
    message: (channel, seen) => {
      countMessage({ channel, outcome: seen.outcome })
      timeMessage({ channel }, seconds(seen))
    },
  }
}
