import type { WebhookDeliveryRow, WebhookEventRow, WebhookRow } from '../../store/schema.ts'
import { type RealmContext, stopClock, transaction } from '../context.ts'
import { webhookJob } from '../jobs.ts'
import { wantsType } from './event-types.ts'

/** For so long after it was asked for a delivery is tried again when it fails: three days. */
const patienceMs = 3 * 86_400_000

/** Events, or deliveries, that one transaction takes. */
const batch = 100

/**
 * Makes deliveries of up to a hundred events of a realm, one for each endpoint that wants to be told of it, and jobs for
 * those whose endpoints are not paused. Each event is taken once, however many nodes do this. Returns how many there were.
 */
export function fanOutEvents(ctx: RealmContext): Promise<number> {
  return transaction(stopClock(ctx), async (ctx) => {
    const events = await ctx.store.webhookEvents.take(batch)
    if (events.length === 0) return 0
    const endpoints = await ctx.store.webhooks.list()
    // `delete … returning` has no order.
    const made = events
      .sort((one, other) => (one.id < other.id ? -1 : 1))
      .flatMap((event) =>
        endpoints
          .filter(({ types }) => wantsType(JSON.parse(types), event.type))
          .map((endpoint) => deliveryOf(ctx, endpoint, event)),
      )
    await ctx.store.webhookDeliveries.addAll(made)
    await addJobs(
      ctx,
      made.filter(({ state }) => state === 'waiting'),
    )
    return events.length
  })
}

/** Gives jobs to up to a hundred deliveries that were asked for again, or whose endpoint was paused. Returns how many. */
export function releaseDeliveries(ctx: RealmContext): Promise<number> {
  return transaction(stopClock(ctx), async (ctx) => {
    const giveUpAt = ctx.now() + patienceMs
    const released = await ctx.store.webhookDeliveries.release({ giveUpAt, max: batch })
    await addJobs(ctx, released)
    return released.length
  })
}

/** A delivery of an event to an endpoint, as it begins. */
export function deliveryOf(
  ctx: Pick<RealmContext, 'newId' | 'now'>,
  endpoint: Pick<WebhookRow, 'id' | 'paused_at'>,
  event: Pick<WebhookEventRow, 'id' | 'type' | 'account_id' | 'payload' | 'forgets'>,
): Omit<WebhookDeliveryRow, 'realm'> {
  const { id: event_id, type, account_id, payload, forgets } = event
  const now = ctx.now()
  return {
    id: ctx.newId(),
    webhook_id: endpoint.id,
    event_id,
    type,
    account_id,
    payload,
    forgets,
    state: endpoint.paused_at === null ? 'waiting' : 'queued',
    attempts: 0,
    last_status: null,
    last_error: null,
    created_at: now,
    give_up_at: now + patienceMs,
    ended_at: null,
  }
}

async function addJobs(
  ctx: RealmContext,
  deliveries: Pick<WebhookDeliveryRow, 'id' | 'webhook_id'>[],
): Promise<void> {
  if (deliveries.length === 0) return
  const jobs = deliveries.map(({ id, webhook_id: target }) => ({ id, target }))
  await ctx.store.jobs.replaceAll(webhookJob, jobs, ctx.now())
  ctx.afterCommit(ctx.wakeWorker)
}
