import { z } from 'zod'
import { AuthError } from '../../../core/errors.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { countRecent, testWebhook } from '../../../core/webhooks/deliveries.ts'
import {
  addWebhook,
  changeWebhook,
  findWebhook,
  listWebhooks,
  maxDescriptionLength,
  pauseWebhook,
  removeWebhook,
  resumeWebhook,
  rotateWebhookSecret,
  type WebhookFault,
  WebhookRefused,
} from '../../../core/webhooks/endpoints.ts'
import { defaultOverlapSeconds } from '../../../core/webhooks/secrets.ts'
import { booleanField, optional } from '../../../http/fields.ts'
import { fieldRules } from '../field-rules.ts'
import { optionalText } from '../list-fields.ts'
import { defineOperation, nothing, reasonField } from '../operation.ts'
import { presentWebhook, WebhookView } from './views.ts'

const webhook = z.guid()
const url = z.string().trim().max(2_000)
const types = z
  .preprocess(
    (given) => (typeof given === 'string' ? given.split(/[\s,]+/).filter(Boolean) : given),
    z.array(z.string().max(100)).min(1, fieldRules.webhookTypes).max(100),
  )
  .describe('Types of events, beginnings such as `session.*`, or `*`')
const description = optionalText(maxDescriptionLength)

export const list = defineOperation({
  name: 'webhooks.list',
  summary: 'List the endpoints that are told what happens',
  capability: 'webhooks.read',
  at: 'realm',
  method: 'GET',
  path: '/webhooks',
  input: z.object({}),
  output: z.object({ items: z.array(WebhookView) }),
  run: async ({ ctx }) => ({ items: (await listWebhooks(ctx)).map(presentWebhook) }),
})

const counts = z.object({
  queued: z.number(),
  waiting: z.number(),
  delivered: z.number(),
  failed: z.number(),
})

export const show = defineOperation({
  name: 'webhooks.show',
  summary: 'Show an endpoint, and how it went in the last 24 hours',
  capability: 'webhooks.read',
  at: 'realm',
  method: 'GET',
  path: '/webhooks/:webhook',
  input: z.object({ webhook }),
  output: WebhookView.extend({
    last24Hours: counts.describe('How many deliveries are in each state, of the newest thousand'),
  }),
  run: async ({ ctx }, { webhook }) => {
    const found = await findWebhook(ctx, webhook)
    if (!found) throw new OperatorError('not_found')
    return { ...presentWebhook(found), last24Hours: await countRecent(ctx, webhook) }
  },
})

export const add = defineOperation({
  name: 'webhooks.add',
  summary: 'Add an endpoint that is told what happens; its secret is shown once',
  capability: 'webhooks.write',
  at: 'realm',
  method: 'POST',
  path: '/webhooks',
  isDangerous: true,
  input: z.object({ url, types, description, reason: reasonField }),
  output: z.object({ webhook: WebhookView, secret: z.string() }),
  run: async ({ ctx }, { url, types, description }) => {
    const added = await inWords(addWebhook(ctx, { url, types, description }))
    return { webhook: presentWebhook(added.webhook), secret: added.secret }
  },
})

export const edit = defineOperation({
  name: 'webhooks.edit',
  summary: 'Change where an endpoint is and what it is told of',
  capability: 'webhooks.write',
  at: 'realm',
  method: 'PATCH',
  path: '/webhooks/:webhook',
  isDangerous: true,
  input: z.object({
    webhook,
    url: optional(url),
    types: optional(types),
    description: z.string().trim().max(maxDescriptionLength).optional().describe('Empty for none'),
    reason: reasonField,
  }),
  output: WebhookView,
  run: async ({ ctx }, { webhook, url, types, description }) => {
    const changed = await inWords(changeWebhook(ctx, webhook, { url, types, description }))
    if (!changed) throw new OperatorError('not_found')
    return presentWebhook(changed)
  },
})

export const remove = defineOperation({
  name: 'webhooks.remove',
  summary: 'Remove an endpoint with its log and all that waits for it',
  capability: 'webhooks.write',
  at: 'realm',
  method: 'DELETE',
  path: '/webhooks/:webhook',
  isDangerous: true,
  input: z.object({ webhook, reason: reasonField }),
  output: nothing,
  run: async ({ ctx }, { webhook }) => {
    if (!(await removeWebhook(ctx, webhook))) throw new OperatorError('not_found')
    return {}
  },
})

export const rotate = defineOperation({
  name: 'webhooks.secret',
  summary: 'Make a new secret for an endpoint, which is shown once; the old one goes on signing for a day',
  capability: 'webhooks.write',
  at: 'realm',
  method: 'POST',
  path: '/webhooks/:webhook/secret',
  isDangerous: true,
  input: z.object({
    webhook,
    ends: optional(booleanField(fieldRules.flag)).describe(
      'Whether the old secret signs no more from now on, as somebody else may have it',
    ),
    reason: reasonField,
  }),
  output: z.object({ secret: z.string() }),
  run: async ({ ctx }, { webhook, ends }) => {
    const overlapSeconds = ends ? 0 : defaultOverlapSeconds
    const secret = await rotateWebhookSecret(ctx, webhook, { overlapSeconds })
    if (secret === undefined) throw new OperatorError('not_found')
    return { secret }
  },
})

export const pause = defineOperation({
  name: 'webhooks.pause',
  summary: 'Have what an endpoint is to be told wait',
  capability: 'webhooks.write',
  at: 'realm',
  method: 'POST',
  path: '/webhooks/:webhook/pause',
  input: z.object({ webhook }),
  output: nothing,
  run: async ({ ctx }, { webhook }) => {
    if (!(await pauseWebhook(ctx, webhook))) throw new OperatorError('conflict')
    return {}
  },
})

export const resume = defineOperation({
  name: 'webhooks.resume',
  summary: 'Tell an endpoint what it has missed, and go on',
  capability: 'webhooks.write',
  at: 'realm',
  method: 'POST',
  path: '/webhooks/:webhook/resume',
  input: z.object({ webhook }),
  output: nothing,
  run: async ({ ctx }, { webhook }) => {
    if (!(await resumeWebhook(ctx, webhook))) throw new OperatorError('conflict')
    return {}
  },
})

export const test = defineOperation({
  name: 'webhooks.test',
  summary: 'Send an endpoint an event that says nothing',
  capability: 'webhooks.replay',
  at: 'realm',
  method: 'POST',
  path: '/webhooks/:webhook/test',
  input: z.object({ webhook }),
  output: z.object({ delivery: z.string() }),
  run: async ({ ctx }, { webhook }) => {
    const delivery = await testWebhook(ctx, webhook)
    if (delivery === undefined) throw new OperatorError('not_found')
    return { delivery }
  },
})

/** What can be seen of endpoints and done to them. */
export const endpointOperations = [list, show, add, edit, remove, rotate, pause, resume, test]

const sentences: Record<WebhookFault, { field: string; message: string }> = {
  url: { field: 'url', message: fieldRules.webhookUrl },
  url_insecure: { field: 'url', message: fieldRules.webhookUrlInsecure },
  types: { field: 'types', message: fieldRules.webhookUnknownType },
  description: { field: 'description', message: fieldRules.webhookDescription },
  too_many: { field: 'url', message: fieldRules.webhookTooMany },
}

async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof WebhookRefused)) throw error
    throw new AuthError('validation_failed', { issues: [sentences[error.fault]] })
  }
}
