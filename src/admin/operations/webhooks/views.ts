import { z } from 'zod'
import type { Webhook } from '../../../core/webhooks/endpoints.ts'
import type { WebhookAttemptRow, WebhookDeliveryRow } from '../../../store/schema.ts'
import { isoTime, isoTimeOrNull } from '../times.ts'

export const deliveryStates = ['queued', 'waiting', 'delivered', 'failed'] as const

/** An endpoint; nothing of its secrets is in it. */
export const WebhookView = z.object({
  id: z.string(),
  url: z.string(),
  description: z.string(),
  types: z.array(z.string()).describe('Types of events, and beginnings such as `session.*`'),
  state: z.enum(['working', 'failing', 'paused']),
  createdAt: z.string(),
  pausedAt: z.string().nullable(),
  pausedWhy: z.string().nullable().describe('`operator`, or `gone` where it has answered 410'),
  failingSince: z.string().nullable().describe('Since when no attempt has succeeded'),
})

export const DeliveryView = z.object({
  id: z.string().describe('The `webhook-id` of every attempt'),
  webhook: z.string(),
  type: z.string(),
  state: z
    .enum(deliveryStates)
    .describe('`queued`: it waits for its endpoint to be resumed, or for its turn'),
  attempts: z.number(),
  lastStatus: z.number().nullable(),
  lastError: z.string().nullable(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
})

export const AttemptView = z.object({
  number: z.number(),
  at: z.string(),
  ms: z.number(),
  status: z.number().nullable(),
  error: z.string().nullable(),
  answer: z.string().nullable().describe('Its first 2 KB'),
})

export function presentWebhook(webhook: Webhook): z.input<typeof WebhookView> {
  const { id, url, description, types, createdAt, pausedAt, pausedWhy, failingSince } = webhook
  return {
    ...{ id, url, description, types },
    state: pausedAt !== undefined ? 'paused' : failingSince === undefined ? 'working' : 'failing',
    createdAt: isoTime(createdAt),
    pausedAt: isoTimeOrNull(pausedAt),
    pausedWhy: pausedWhy ?? null,
    failingSince: isoTimeOrNull(failingSince),
  }
}

export function presentDelivery(delivery: WebhookDeliveryRow): z.input<typeof DeliveryView> {
  return {
    id: delivery.id,
    webhook: delivery.webhook_id,
    type: delivery.type,
    state: delivery.state,
    attempts: delivery.attempts,
    lastStatus: delivery.last_status,
    lastError: delivery.last_error,
    createdAt: isoTime(delivery.created_at),
    endedAt: isoTimeOrNull(delivery.ended_at),
  }
}

export function presentAttempt(attempt: WebhookAttemptRow): z.input<typeof AttemptView> {
  const { number, at, ms, status, error, answer } = attempt
  return { number, at: isoTime(at), ms, status, error, answer }
}
