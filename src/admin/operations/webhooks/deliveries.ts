import { z } from 'zod'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import {
  findDelivery,
  listDeliveries,
  resendDelivery,
  resendFailed,
} from '../../../core/webhooks/deliveries.ts'
import { findWebhook } from '../../../core/webhooks/endpoints.ts'
import { optional } from '../../../http/fields.ts'
import { optionalTime } from '../list-fields.ts'
import { defineOperation, nextField, nothing } from '../operation.ts'
import { AttemptView, DeliveryView, deliveryStates, presentAttempt, presentDelivery } from './views.ts'

const webhook = z.guid()
const delivery = z.guid()

/** Deliveries of a page. */
const most = 50

export const list = defineOperation({
  name: 'webhooks.deliveries',
  summary: 'List what an endpoint was told and is to be, newest first',
  capability: 'webhooks.read',
  at: 'realm',
  method: 'GET',
  path: '/webhooks/:webhook/deliveries',
  input: z.object({
    webhook,
    state: optional(z.enum(deliveryStates)),
    after: optional(z.guid()).describe('Where the page begins: the `next` of the page before'),
  }),
  output: z.object({ items: z.array(DeliveryView), next: nextField }),
  run: async ({ ctx }, { webhook, state, after }) => {
    const filter = { ...(state && { state }), ...(after && { before: after }) }
    const rows = await listDeliveries(ctx, webhook, { ...filter, max: most + 1 })
    const items = rows.slice(0, most).map(presentDelivery)
    return { items, next: rows.length > most ? (items.at(-1)?.id ?? null) : null }
  },
})

export const show = defineOperation({
  name: 'webhooks.delivery',
  summary: 'Show a delivery with what was sent and answered',
  capability: 'webhooks.read',
  at: 'realm',
  method: 'GET',
  path: '/webhooks/:webhook/deliveries/:delivery',
  input: z.object({ webhook, delivery }),
  output: DeliveryView.extend({
    payload: z.unknown().describe('What is sent; null once nothing is kept of it'),
    attemptsMade: z.array(AttemptView).describe('Oldest first'),
  }),
  run: async ({ ctx }, { webhook, delivery: id }) => {
    const found = await findDelivery(ctx, id)
    if (found?.delivery.webhook_id !== webhook) throw new OperatorError('not_found')
    const { payload } = found.delivery
    return {
      ...presentDelivery(found.delivery),
      payload: payload === null ? null : JSON.parse(payload),
      attemptsMade: found.attempts.map(presentAttempt),
    }
  },
})

export const resend = defineOperation({
  name: 'webhooks.resend',
  summary: 'Send a delivery once more, with the id that it has',
  capability: 'webhooks.replay',
  at: 'realm',
  method: 'POST',
  path: '/webhooks/:webhook/deliveries/:delivery/resend',
  input: z.object({ webhook, delivery }),
  output: nothing,
  run: async ({ ctx }, { webhook, delivery: id }) => {
    const found = await findDelivery(ctx, id)
    if (found?.delivery.webhook_id !== webhook) throw new OperatorError('not_found')
    if (!(await resendDelivery(ctx, id))) throw new OperatorError('refused', 'delivery_without_payload')
    return {}
  },
})

export const resendAll = defineOperation({
  name: 'webhooks.resend_failed',
  summary: 'Send everything once more that was given up for an endpoint, each with the id that it has',
  capability: 'webhooks.replay',
  at: 'realm',
  method: 'POST',
  path: '/webhooks/:webhook/resend-failed',
  input: z.object({ webhook, since: optionalTime.describe('When they were given up at the earliest') }),
  output: z.object({ count: z.number() }),
  run: async ({ ctx }, { webhook, since }) => {
    if (!(await findWebhook(ctx, webhook))) throw new OperatorError('not_found')
    return { count: await resendFailed(ctx, webhook, since === undefined ? {} : { since }) }
  },
})

/** What can be seen of deliveries and done to them. */
export const deliveryOperations = [list, show, resend, resendAll]
