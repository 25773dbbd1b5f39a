import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../../http/types.ts'
import { perform } from '../../operations/operation.ts'
import {
  list as listDeliveries,
  resend,
  resendAll,
  show as showDelivery,
} from '../../operations/webhooks/deliveries.ts'
import { deliveryStates } from '../../operations/webhooks/views.ts'
import { edit, pause, resume, show, test } from '../../operations/webhooks/webhooks.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { filtersOf, pagerFor, pathWith, realmBase, shownText } from '../lists.ts'
import { type Told, troubleOf } from '../problems.ts'
import { textsFor } from '../texts.ts'
import { canDo, goOn, performFor, sendConsole, timeFor } from '../visit.ts'

const path = '/admin/realms/:realm/webhooks/:webhook'

/** An endpoint with what it was told and is to be, and each delivery with its attempts. */
export function endpointPage(scope: App, parts: ConsoleParts): void {
  scope.get(path, (request, reply) => send(parts, request, reply))
  scope.get(`${path}/deliveries/:delivery`, (request, reply) => sendDelivery(parts, request, reply))
  endpointActions(scope, parts)
}

function endpointActions(scope: App, parts: ConsoleParts): void {
  const act = (name: string, work: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>) =>
    scope.post(`${path}/${name}`, async (request, reply) => {
      try {
        return await work(request, reply)
      } catch (error) {
        return send(parts, request, reply, troubleOf(request, error))
      }
    })
  act('pause', async (request, reply) => {
    await performFor(request, pause)
    return goOn(request, reply, ownPath(request), { text: 'webhookPaused' })
  })
  act('resume', async (request, reply) => {
    await performFor(request, resume)
    return goOn(request, reply, ownPath(request), { text: 'webhookResumed' })
  })
  act('test', async (request, reply) => {
    const { delivery } = await performFor(request, test)
    return goOn(request, reply, `${ownPath(request)}/deliveries/${delivery}`, { text: 'webhookTested' })
  })
  act('resend-failed', async (request, reply) => {
    const { count } = await performFor(request, resendAll)
    return goOn(request, reply, ownPath(request), { text: 'webhookFailedResent', values: { count } })
  })
  scope.post(`${path}/deliveries/:delivery/resend`, async (request, reply) => {
    const { delivery } = request.params as { delivery: string }
    try {
      await performFor(request, resend)
      const place = `${ownPath(request)}/deliveries/${delivery}`
      return goOn(request, reply, place, { text: 'webhookResent' })
    } catch (error) {
      return sendDelivery(parts, request, reply, troubleOf(request, error))
    }
  })
}

function ownPath(request: FastifyRequest): string {
  const { webhook } = request.params as { webhook: string }
  return `${realmBase(request)}/webhooks/${webhook}`
}

async function send(
  { sendPage }: ConsoleParts,
  request: FastifyRequest,
  reply: FastifyReply,
  trouble?: Told,
): Promise<FastifyReply> {
  const { desk, params } = { desk: request.visit.desk, params: request.params as { webhook: string } }
  const { state, after } = filtersOf(request, ['state', 'after'])
  const webhook = await perform(show, desk, { webhook: params.webhook })
  const page = await perform(listDeliveries, desk, { webhook: params.webhook, state, after })
  const texts = textsFor(request)
  const data = {
    webhook: {
      ...webhook,
      stateText: texts[`webhookState_${webhook.state}`],
      pausedText: webhook.pausedWhy === 'gone' ? texts.webhookGone : undefined,
      failing: timeFor(request, webhook.failingSince),
      paused: timeFor(request, webhook.pausedAt),
      created: timeFor(request, webhook.createdAt),
    },
    own: ownPath(request),
    states: [undefined, ...deliveryStates].map((value) => ({
      text: value === undefined ? texts.all : texts[`deliveryState_${value}`],
      href: pathWith(ownPath(request), { state: value }),
      isChosen: value === state,
    })),
    deliveries: page.items.map((delivery) => ({
      ...delivery,
      stateText: texts[`deliveryState_${delivery.state}`],
      created: timeFor(request, delivery.createdAt),
    })),
    nothing: state === undefined ? texts.deliveriesNone : texts.deliveriesNoneSo,
    isEmpty: page.items.length === 0 && state === undefined,
    shown: shownText(request, page.items.length),
    pager: pagerFor(request, { state }, page),
    may: { change: canDo(request, edit), replay: canDo(request, test) },
  }
  return sendConsole(
    sendPage,
    { request, reply, trouble },
    { template: 'webhook', current: 'webhooks', data },
  )
}

async function sendDelivery(
  { sendPage }: ConsoleParts,
  request: FastifyRequest,
  reply: FastifyReply,
  trouble?: Told,
): Promise<FastifyReply> {
  const { webhook, delivery: id } = request.params as { webhook: string; delivery: string }
  const delivery = await perform(showDelivery, request.visit.desk, { webhook, delivery: id })
  const texts = textsFor(request)
  const data = {
    delivery: {
      ...delivery,
      stateText: texts[`deliveryState_${delivery.state}`],
      created: timeFor(request, delivery.createdAt),
      ended: timeFor(request, delivery.endedAt),
      payload: delivery.payload === null ? undefined : JSON.stringify(delivery.payload, undefined, 2),
      attemptsMade: delivery.attemptsMade.map((attempt) => ({
        ...attempt,
        at: timeFor(request, attempt.at),
      })),
    },
    own: ownPath(request),
    canReplay: canDo(request, resend) && delivery.payload !== null,
  }
  return sendConsole(
    sendPage,
    { request, reply, trouble },
    { template: 'webhook-delivery', current: 'webhooks', data },
  )
}
