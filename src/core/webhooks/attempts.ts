import type { WebhookDeliveryRow } from '../../store/schema.ts'
import { type RealmContext, stopClock, transaction } from '../context.ts'
import { pauseFor } from './endpoints.ts'
import { signatureHeaders } from './secrets.ts'

/** A request that an endpoint is to be sent. */
export interface WebhookRequest {
  url: string
  headers: Record<string, string>
  body: string
}

/** What came of a request. */
export interface WebhookAnswer {
  /** When it was sent, in epoch milliseconds. */
  at: number
  /** How long it took. */
  ms: number
  /** Of the answer, if there was one. */
  status?: number
  /** How the answer begins, as text. */
  answer?: string
  /** Why it does not count as delivered. */
  error?: string
  /** No request may go there, which hardly changes. */
  isForbidden?: boolean
}

/** Answers that say that the endpoint is gone. */
const gone = 410

/** How often it is tried where no request may go. */
const maxForbidden = 3

/**
 * The request that a delivery comes to now; `undefined` where there is nothing to send: it was delivered, or removed, or
 * its endpoint was. One whose endpoint is paused is put aside.
 */
export async function requestFor(ctx: RealmContext, deliveryId: string): Promise<WebhookRequest | undefined> {
  const delivery = await ctx.store.webhookDeliveries.byId(deliveryId)
  if (!delivery || delivery.payload === null || isOver(delivery)) return undefined
  const endpoint = await ctx.store.webhooks.byId(delivery.webhook_id)
  if (!endpoint) return undefined
  if (endpoint.paused_at !== null) {
    await ctx.store.webhookDeliveries.hold(deliveryId)
    return undefined
  }
  const body = delivery.payload
  const signed = { webhookId: endpoint.id, id: deliveryId, at: ctx.now(), body }
  const headers = { 'content-type': 'application/json', ...(await signatureHeaders(ctx, signed)) }
  return { url: endpoint.url, headers, body }
}

function isOver({ state }: WebhookDeliveryRow): boolean {
  return state === 'delivered' || state === 'queued'
}

/**
 * Writes down how an attempt has ended. Returns what is to become of the delivery: it is over, to be tried again, or
 * given up. An endpoint that is gone is paused, and is told what it has missed when it is resumed.
 */
export async function noteAttempt(
  ctx: RealmContext,
  deliveryId: string,
  seen: WebhookAnswer,
): Promise<'over' | 'again' | 'given_up'> {
  return transaction(stopClock(ctx), async (ctx) => {
    const { webhooks, webhookDeliveries } = ctx.store
    const delivery = await webhookDeliveries.byId(deliveryId)
    if (!delivery) return 'over'
    const { webhook_id: webhookId } = delivery
    const state = stateAfter(ctx, delivery, seen)
    await webhookDeliveries.noteAttempt(
      {
        delivery_id: deliveryId,
        at: seen.at,
        ms: seen.ms,
        status: seen.status ?? null,
        error: seen.error ?? null,
        answer: seen.answer ?? null,
      },
      { state, ended_at: state === 'delivered' || state === 'failed' ? ctx.now() : null },
    )
    if (state === 'delivered') {
      await webhooks.noteWorking(webhookId)
      if (delivery.forgets === 1) await webhookDeliveries.forget(deliveryId)
      return 'over'
    }
    await webhooks.noteFailing(webhookId, ctx.now())
    if (seen.status === gone) await pauseFor(ctx, webhookId, 'gone')
    if (state === 'queued') return 'over'
    return state === 'failed' ? 'given_up' : 'again'
  })
}

function stateAfter(
  { now }: Pick<RealmContext, 'now'>,
  { attempts, give_up_at: giveUpAt }: WebhookDeliveryRow,
  { error, status, isForbidden }: WebhookAnswer,
): WebhookDeliveryRow['state'] {
  if (error === undefined) return 'delivered'
  if (status === gone) return 'queued'
  const isHopeless = isForbidden && attempts + 1 >= maxForbidden
  return isHopeless || now() >= giveUpAt ? 'failed' : 'waiting'
}
