import type { z } from 'zod'
import type { DeliveryView, WebhookView } from '../../admin/operations/webhooks/views.ts'
import { withoutNulls } from '../remote/by-operation.ts'
import { fieldText } from '../terminal/print.ts'

/** An endpoint as commands show it; nothing of its secrets is in it. */
export function showWebhook<View extends z.output<typeof WebhookView>>(view: View) {
  return { ...withoutNulls(view), description: view.description || undefined }
}

/** An endpoint on one line. */
export function webhookLine(shown: ReturnType<typeof showWebhook>): string {
  const { id, state, failingSince, url, types } = shown
  const since = state === 'failing' ? `since ${failingSince}` : undefined
  return fieldText({ id, state, since, url, types: types.join(' ') })
}

/** A delivery on one line. */
export function deliveryLine(shown: ReturnType<typeof showDelivery>): string {
  const { createdAt, id, type, state, attempts, lastError } = shown
  return fieldText({ createdAt, id, state, type, attempts, lastError })
}

/** A delivery as commands show it. */
export function showDelivery(view: z.output<typeof DeliveryView>) {
  return withoutNulls(view)
}
