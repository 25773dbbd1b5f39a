import type { Webhook } from '../../core/webhooks/endpoints.ts'
import type { WebhookAttemptRow, WebhookDeliveryRow } from '../../store/schema.ts'
import { fieldText } from '../terminal/print.ts'

/** An endpoint as operators see it; nothing of its secrets is in it. */
export function presentWebhook(webhook: Webhook) {
  const { id, url, description, types, createdAt, pausedAt, pausedWhy, failingSince } = webhook
  return {
    id,
    url,
    description: description || undefined,
    types,
    state: stateOf(webhook),
    createdAt: timeOf(createdAt),
    pausedAt: timeOf(pausedAt),
    pausedWhy,
    failingSince: timeOf(failingSince),
  }
}

/** An endpoint on one line. */
export function webhookLine(shown: ReturnType<typeof presentWebhook>): string {
  const { id, state, failingSince, url, types } = shown
  const since = state === 'failing' ? `since ${failingSince}` : undefined
  return fieldText({ id, state, since, url, types: types.join(' ') })
}

export function presentDelivery(delivery: WebhookDeliveryRow) {
  return {
    id: delivery.id,
    webhook: delivery.webhook_id,
    type: delivery.type,
    state: delivery.state,
    attempts: delivery.attempts,
    lastStatus: delivery.last_status ?? undefined,
    lastError: delivery.last_error ?? undefined,
    createdAt: timeOf(delivery.created_at),
    endedAt: timeOf(delivery.ended_at),
  }
}

/** A delivery on one line. */
export function deliveryLine(shown: ReturnType<typeof presentDelivery>): string {
  const { createdAt, id, type, state, attempts, lastError } = shown
  return fieldText({ createdAt, id, state, type, attempts, lastError })
}

export function presentAttempt(attempt: WebhookAttemptRow) {
  return {
    number: attempt.number,
    at: timeOf(attempt.at),
    ms: attempt.ms,
    status: attempt.status ?? undefined,
    error: attempt.error ?? undefined,
    answer: attempt.answer ?? undefined,
  }
}

function stateOf({ pausedAt, failingSince }: Webhook): 'paused' | 'failing' | 'working' {
  if (pausedAt !== undefined) return 'paused'
  return failingSince === undefined ? 'working' : 'failing'
}

function timeOf(at: number | null | undefined): string | undefined {
  return at === null || at === undefined ? undefined : new Date(at).toISOString()
}
