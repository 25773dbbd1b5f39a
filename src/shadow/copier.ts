import type { WireFields } from '../http/wire-fields.ts'
import { valuesGiven } from './answer-values.ts'
import { compareAnswers } from './compare-answers.ts'
import { headersNamed, type ShadowAnswer, type ShadowExchange, type ShadowRequest } from './exchange.ts'
import { createLanes } from './lanes.ts'
import { learnPairs } from './learn-pairs.ts'
import { createPairs } from './pairs.ts'
import { visitValues } from './request-values.ts'
import { maskedPath, pathOf, routeOf } from './routes.ts'
import { swapValues } from './swap-values.ts'
import type { Tally } from './tally.ts'
import { createUnsettled } from './unsettled.ts'
import { createWorkQueue } from './work-queue.ts'

export interface CopierOptions {
  fields: WireFields
  tally: Tally
  /** Asks the new server. */
  send(request: ShadowRequest): Promise<ShadowAnswer>
  /** Whether whoever has this lane is in the sample. */
  isSampled(lane: string): boolean
  hosts: { old: string; new: string }
  /** Epoch milliseconds. */
  now(): number
  /** How many copies may wait. */
  queueLength: number
  /** How many are sent at a time. */
  concurrency: number
}

/** Repeats exchanges at the new server and counts what comes of it. Never throws, and never waits. */
export interface Copier {
  offer(exchange: ShadowExchange): void
  /** An exchange that is too large to be kept. */
  skip(request: Pick<ShadowRequest, 'method' | 'url'>): void
  /** Resolves when nothing waits. */
  idle(): Promise<void>
}

export function createCopier(options: CopierOptions): Copier {
  const { fields, tally, isSampled } = options
  const lanes = createLanes(fields)
  const unsettled = createUnsettled()
  const copy = copyWith(options, unsettled)
  const queue = createWorkQueue(options)
  return {
    offer: (exchange) => {
      const route = routeOf(exchange.request.method, exchange.request.url, fields)
      const own = lanes.of(exchange)
      if (!own.slice(0, 1).every(isSampled)) return
      if (queue.add(own, () => copy(exchange, { lanes: own, route }))) return
      tally.count(route, 'dropped')
      noteLost(exchange, own, unsettled)
    },
    skip: ({ method, url }) => tally.count(routeOf(method, url, fields), 'dropped'),
    idle: () => queue.idle(),
  }
}

type Unsettled = ReturnType<typeof createUnsettled>

function copyWith(options: CopierOptions, unsettled: Unsettled) {
  const { fields, tally, send, hosts } = options
  const pairs = createPairs(options.now)
  return async (exchange: ShadowExchange, { lanes, route }: { lanes: string[]; route: string }) => {
    const { request, isUnpaired, hasUnknownSecret } = swapValues(pairs, exchange.request, fields)
    if (sendsMail(exchange, fields)) unsettled.awaitsMail(lanes)
    if (isUnpaired) {
      tally.count(route, 'unpaired')
      if (hasUnknownSecret && isDone(exchange)) unsettled.addAwaiting()
      return noteLost(exchange, lanes, unsettled)
    }
    const fresh = await send(request).catch(() => undefined)
    if (!fresh) {
      tally.count(route, 'failed')
      return noteLost(exchange, lanes, unsettled)
    }
    const answers = { old: exchange.answer, fresh }
    learnPairs(pairs, answers, fields)
    const secrets = secretsOf(exchange, fields)
    const differences = compareAnswers(answers, { pairs, fields, secrets, hosts })
    if (differences.length === 0) tally.count(route, 'same')
    else if (unsettled.has(lanes)) tally.count(route, 'unsettled')
    else tally.differ(route, differences)
  }
}

/** Whether the old server has done what it was asked for. */
function isDone({ answer }: ShadowExchange): boolean {
  return answer.status < 400
}

function noteLost(exchange: ShadowExchange, lanes: string[], unsettled: Unsettled): void {
  if (isDone(exchange) && isChange(exchange)) unsettled.add(lanes)
}

/** Whether the two servers may know different things when one of them alone has answered. */
function isChange({ request, answer }: ShadowExchange): boolean {
  const isRead = ['GET', 'HEAD', 'OPTIONS'].includes(request.method)
  return !isRead || answer.status >= 300 || headersNamed(answer, 'set-cookie').length > 0
}

function sendsMail(exchange: ShadowExchange, fields: WireFields): boolean {
  return isDone(exchange) && fields.mails.includes(maskedPath(pathOf(exchange.request.url), fields))
}

/** All that came in a request, and whom the answer names: no text that has any of it is shown. */
function secretsOf({ request, answer }: ShadowExchange, fields: WireFields): Set<string> {
  const secrets = new Set<string>()
  for (const { value, fieldClass } of valuesGiven(answer, fields)) if (fieldClass) secrets.add(value)
  visitValues(request, fields, (value, _class, place) => {
    if (place !== 'path' || value.includes('@')) secrets.add(value)
  })
  return secrets
}
