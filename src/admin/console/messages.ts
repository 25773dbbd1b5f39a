import type { FastifyReply, FastifyRequest } from 'fastify'
import { messageKinds } from '../../core/messages/list.ts'
import type { App } from '../../http/types.ts'
import { again, allAgain, drop, list, reveal } from '../operations/messages/messages.ts'
import { messageStates } from '../operations/messages/views.ts'
import { perform } from '../operations/operation.ts'
import { confirmation } from './confirm.ts'
import type { ConsoleParts } from './console.ts'
import { filtersOf, pagerFor, pathWith, realmBase, shownText } from './lists.ts'
import { kindText } from './message-texts.ts'
import { type Told, troubleOf } from './problems.ts'
import { textsFor } from './texts.ts'
import { canDo, goOn, performFor, sendConsole, timeFor } from './visit.ts'

const names = ['state', 'kind'] as const

/** So many messages that were given up within an hour are more than one bad address. */
const manyGivenUp = 5
const hourMs = 3_600_000

/** Mails, text messages and what apps are told: what was given up, waits, runs and is sent. */
export function messagePages(scope: App, parts: ConsoleParts): void {
  const path = '/admin/realms/:realm/messages'
  scope.get(path, (request, reply) => send(parts, request, reply, {}))

  scope.post(`${path}/:message/recipient`, async (request, reply) => {
    const { message } = request.params as { message: string }
    const { to } = await performFor(request, reveal)
    return send(parts, request, reply, { revealed: { message, to } })
  })
  scope.post(`${path}/:message/send-again`, async (request, reply) => {
    try {
      await performFor(request, again)
      return goOn(request, reply, listPath(request), { text: 'messageSentAgain' })
    } catch (error) {
      return send(parts, request, reply, { trouble: troubleOf(request, error) })
    }
  })
  scope.post(`${path}/send-again`, async (request, reply) => {
    const { count } = await performFor(request, allAgain)
    return goOn(request, reply, listPath(request), { text: 'messagesSentAgain', values: { count } })
  })
  confirmation(scope, parts, {
    path: '/realms/:realm/messages/:message/drop',
    operation: drop,
    current: 'messages',
    title: 'messageDropTitle',
    button: 'drop',
    will: ['messageDropWill'],
    back: listPath,
    notice: { text: 'messageDropped' },
  })
}

function listPath(request: FastifyRequest): string {
  return pathWith(`${realmBase(request)}/messages`, filtersOf(request, names))
}

interface Shown {
  trouble?: Told
  /** The one whose recipient is shown in full. */
  revealed?: { message: string; to: string }
}

async function send(
  { sendPage }: ConsoleParts,
  request: FastifyRequest,
  reply: FastifyReply,
  { trouble, revealed }: Shown,
): Promise<FastifyReply> {
  const { desk } = request.visit
  const filters = filtersOf(request, [...names, 'after', 'before'])
  const { state = 'given-up', kind } = filters
  const page = await perform(list, desk, { ...filters, state })
  const texts = textsFor(request)
  const kept = { state, kind }
  const messages = page.items.map((message) => ({
    ...message,
    text: kindText(texts, message),
    to: revealed?.message === message.id ? revealed.to : message.to,
    isRevealed: revealed?.message === message.id,
    created: timeFor(request, message.createdAt),
    time: timeFor(request, message.givenUpAt ?? message.sentAt ?? message.nextTryAt),
  }))
  const data = {
    filters: kept,
    query: pathWith('', kept),
    states: messageStates.map((value) => ({
      value,
      text: texts[`messageState_${value}`],
      href: pathWith(`${realmBase(request)}/messages`, { state: value, kind }),
      isChosen: value === state,
    })),
    kinds: messageKinds.map((value) => ({
      value,
      text: kindText(texts, { kind: value, notice: null }),
      isChosen: value === kind,
    })),
    messages,
    timeHead: texts[`messageTime_${state as 'sent'}`],
    nothing: texts[`messagesNone_${state as 'sent'}`],
    shown: shownText(request, messages.length),
    isFurther: page.next !== null,
    pager: pagerOf(request, kept, page),
    lastAnswer: state === 'given-up' ? answerOfMany(page.items, desk.ctx.now()) : undefined,
    isGivenUp: state === 'given-up',
    may: { again: canDo(request, again), reveal: canDo(request, reveal), drop: canDo(request, drop) },
  }
  return sendConsole(
    sendPage,
    { request, reply, trouble },
    { template: 'messages', current: 'messages', data },
  )
}

/** Also below a form that was sent to a path of its own. */
function pagerOf(
  request: FastifyRequest,
  filters: Record<string, string | undefined>,
  page: { next: string | null; previous: string | null },
) {
  return request.method === 'GET' ? pagerFor(request, filters, page) : {}
}

/** What the other side says where many messages were given up lately. */
function answerOfMany(
  messages: { givenUpAt: string | null; lastAnswer: string | null }[],
  now: number,
): string | undefined {
  const lately = messages.filter(({ givenUpAt }) => Date.parse(givenUpAt ?? '') > now - hourMs)
  return lately.length > manyGivenUp ? (lately[0]?.lastAnswer ?? undefined) : undefined
}
