import type { WebhookAttemptRow, WebhookDeliveryRow } from '../../store/schema.ts'
import type { DeliveryFilter } from '../../store/tables/webhooks/deliveries.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import { deliveryOf } from './fan-out.ts'
import { payloadOf } from './tell.ts'

const batch = 500
const dayMs = 86_400_000

/** The deliveries to an endpoint, newest first. */
export function listDeliveries(
  ctx: RealmContext,
  webhookId: string,
  filter: DeliveryFilter,
): Promise<WebhookDeliveryRow[]> {
  return ctx.store.webhookDeliveries.list(webhookId, filter)
}

/** A delivery with all attempts at it, oldest first. */
export async function findDelivery(
  ctx: RealmContext,
  id: string,
): Promise<{ delivery: WebhookDeliveryRow; attempts: WebhookAttemptRow[] } | undefined> {
  const delivery = await ctx.store.webhookDeliveries.byId(id)
  return delivery && { delivery, attempts: await ctx.store.webhookDeliveries.listAttempts(id) }
}

/** So many of the newest deliveries are counted. */
const counted = 1_000

/** How many of the deliveries to an endpoint of the last 24 hours, of the newest thousand of them, are in each state. */
export async function countRecent(
  ctx: RealmContext,
  webhookId: string,
): Promise<Record<WebhookDeliveryRow['state'], number>> {
  const counts = { queued: 0, waiting: 0, delivered: 0, failed: 0 }
  const recent = await ctx.store.webhookDeliveries.recentStates(webhookId, {
    since: ctx.now() - dayMs,
    max: counted,
  })
  for (const { state } of recent) counts[state]++
  return counts
}

/** Sends an event that says nothing to an endpoint; returns the id of the delivery, or `undefined` without such an endpoint. */
export function testWebhook(ctx: AnyContext, webhookId: string): Promise<string | undefined> {
  return transaction(stopClock(ctx), async (ctx) => {
    const endpoint = await ctx.store.webhooks.byId(webhookId)
    if (!endpoint) return undefined
    const [id, at, type] = [ctx.newId(), ctx.now(), 'webhook.test']
    const payload = payloadOf({ type, at, data: { realm: ctx.realm.name, eventId: id } })
    const event = { id, type, account_id: null, payload, forgets: 0 }
    // Whatever gives jobs to those that are asked for again gives it one.
    const delivery = { ...deliveryOf(ctx, endpoint, event), state: 'queued' as const }
    await ctx.store.webhookDeliveries.addAll([delivery])
    await recordEvent(ctx, 'webhook.tested', { detail: webhookId })
    ctx.afterCommit(ctx.wakeWorker)
    return delivery.id
  })
}

/** Sends a delivery once more, with the id that it has; says whether there is anything to send. */
export function resendDelivery(ctx: AnyContext, id: string): Promise<boolean> {
  return transaction(ctx, async (ctx) => {
    if (!(await ctx.store.webhookDeliveries.queue(id))) return false
    await recordEvent(ctx, 'webhook.resent', { detail: id })
    ctx.afterCommit(ctx.wakeWorker)
    return true
  })
}

/** Sends everything once more that was given up for an endpoint since then, each with the id that it has; says how many. */
export async function resendFailed(
  ctx: AnyContext,
  webhookId: string,
  { since = 0 }: { since?: number } = {},
): Promise<number> {
  let resent = 0
  for (;;) {
    const some = await ctx.store.webhookDeliveries.queueFailed(webhookId, { since, max: batch })
    resent += some
    if (some < batch) break
  }
  await recordEvent(ctx, 'webhook.resent', { detail: `${webhookId} ${resent}` })
  ctx.wakeWorker()
  return resent
}
