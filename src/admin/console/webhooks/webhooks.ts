import type { FastifyReply, FastifyRequest } from 'fastify'
import { webhookEventTypes } from '../../../core/webhooks/event-types.ts'
import type { App } from '../../../http/types.ts'
import { perform } from '../../operations/operation.ts'
import { add, edit, list, remove, rotate, show } from '../../operations/webhooks/webhooks.ts'
import { confirmation } from '../confirm.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { realmBase } from '../lists.ts'
import { type Told, troubleOf } from '../problems.ts'
import { textsFor } from '../texts.ts'
import { canDo, fieldsOf, goOn, performFor, requireMay, sendConsole, timeFor } from '../visit.ts'
import { endpointPage } from './endpoint.ts'

const path = '/admin/realms/:realm/webhooks'

/** The endpoints outside that are told what happens: which there are, and how it goes. */
export function webhookPages(scope: App, parts: ConsoleParts): void {
  scope.get(path, async (request, reply) => {
    const { items } = await performFor(request, list)
    const texts = textsFor(request)
    const data = {
      webhooks: items.map((webhook) => ({
        ...webhook,
        stateText: texts[`webhookState_${webhook.state}`],
        failing: timeFor(request, webhook.failingSince),
      })),
      canChange: canDo(request, add),
    }
    return sendConsole(
      parts.sendPage,
      { request, reply },
      { template: 'webhooks', current: 'webhooks', data },
    )
  })
  newForm(scope, parts)
  editForm(scope, parts)
  secretForm(scope, parts)
  endpointPage(scope, parts)
  confirmation(scope, parts, {
    path: '/realms/:realm/webhooks/:webhook/remove',
    operation: remove,
    current: 'webhooks',
    title: 'webhookRemoveTitle',
    button: 'remove',
    will: ['webhookRemoveWill'],
    subject: async (request) => (await showFor(request)).url,
    back: ownPath,
    next: (request) => `${realmBase(request)}/webhooks`,
    notice: { text: 'webhookRemoved' },
  })
}

/** Where the page of the endpoint in the path is. */
function ownPath(request: FastifyRequest): string {
  return `${realmBase(request)}/webhooks/${webhookIn(request)}`
}

function webhookIn({ params }: FastifyRequest): string {
  return (params as { webhook: string }).webhook
}

function showFor(request: FastifyRequest) {
  return perform(show, request.visit.desk, { webhook: webhookIn(request) })
}

interface Form {
  title: string
  button: string
  back: string
  given: Record<string, unknown>
}

/** The form of an endpoint, with what was typed where it is shown again. */
function sendForm(
  { sendPage }: ConsoleParts,
  { request, reply, trouble }: { request: FastifyRequest; reply: FastifyReply; trouble?: Told | undefined },
  form: Form,
) {
  const [action] = request.url.split('?', 1)
  const data = { ...form, action, allTypes: webhookEventTypes }
  return sendConsole(
    sendPage,
    { request, reply, trouble },
    { template: 'webhook-form', current: 'webhooks', data },
  )
}

function newForm(scope: App, parts: ConsoleParts): void {
  const config = { needsOperatorProof: true }
  const form = (request: FastifyRequest): Form => {
    requireMay(request, add)
    const { webhookNew: title, webhookAdd: button } = textsFor(request)
    const given = { types: '*', ...fieldsOf(request) }
    return { title, button, back: `${realmBase(request)}/webhooks`, given }
  }
  scope.get(`${path}/new`, { config }, async (request, reply) =>
    sendForm(parts, { request, reply }, form(request)),
  )
  scope.post(`${path}/new`, { config }, async (request, reply) => {
    try {
      const { webhook, secret } = await performFor(request, add)
      const data = { secret, url: webhook.url, back: `${realmBase(request)}/webhooks/${webhook.id}` }
      return sendSecret(parts, request, reply, data)
    } catch (error) {
      return sendForm(parts, { request, reply, trouble: troubleOf(request, error) }, form(request))
    }
  })
}

function editForm(scope: App, parts: ConsoleParts): void {
  const config = { needsOperatorProof: true }
  const form = async (request: FastifyRequest): Promise<Form> => {
    requireMay(request, edit)
    const { webhookEdit: title, save: button } = textsFor(request)
    const { url, types, description } = await showFor(request)
    const given = { url, description, types: types.join(' '), ...fieldsOf(request) }
    return { title, button, back: ownPath(request), given }
  }
  scope.get(`${path}/:webhook/edit`, { config }, async (request, reply) =>
    sendForm(parts, { request, reply }, await form(request)),
  )
  scope.post(`${path}/:webhook/edit`, { config }, async (request, reply) => {
    try {
      await performFor(request, edit)
      return goOn(request, reply, ownPath(request), { text: 'webhookChanged' })
    } catch (error) {
      return sendForm(parts, { request, reply, trouble: troubleOf(request, error) }, await form(request))
    }
  })
}

/** Asks before a new secret is made, which is shown once. */
function secretForm(scope: App, parts: ConsoleParts): void {
  const config = { needsOperatorProof: true }
  const ask = async (request: FastifyRequest, reply: FastifyReply, trouble?: Told) => {
    requireMay(request, rotate)
    const texts = textsFor(request)
    const data = {
      action: request.url.split('?', 1)[0],
      title: texts.webhookSecretTitle,
      button: texts.webhookSecretMake,
      will: [texts.webhookSecretWill],
      willNot: [],
      subject: (await showFor(request)).url,
      fields: ['webhook-secret'],
      back: ownPath(request),
      given: fieldsOf(request),
    }
    return sendConsole(
      parts.sendPage,
      { request, reply, trouble },
      { template: 'confirm', current: 'webhooks', data },
    )
  }
  scope.get(`${path}/:webhook/secret`, { config }, (request, reply) => ask(request, reply))
  scope.post(`${path}/:webhook/secret`, { config }, async (request, reply) => {
    try {
      const { secret } = await performFor(request, rotate)
      const { url } = await showFor(request)
      return sendSecret(parts, request, reply, { secret, url, back: ownPath(request) })
    } catch (error) {
      return ask(request, reply, troubleOf(request, error))
    }
  })
}

function sendSecret(
  { sendPage }: ConsoleParts,
  request: FastifyRequest,
  reply: FastifyReply,
  data: { secret: string; url: string; back: string },
) {
  return sendConsole(sendPage, { request, reply }, { template: 'webhook-secret', current: 'webhooks', data })
}
