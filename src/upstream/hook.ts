import type { Hook, HookAnswer, HookQuestion } from '../core/hooks/hook.ts'
import type { HookName, HookSettings } from '../core/hooks/settings.ts'
import type { Log } from '../core/log.ts'
import { UpstreamTrouble } from '../core/switching/upstream.ts'
import { addressBlock } from '../lib/ip.ts'
import { readWebhookSecret, signWebhook } from '../lib/standard-webhooks.ts'
import { createBreaker, type Ending } from './breaker.ts'
import { answerReader } from './hook-answer.ts'
import { createLine, type LineSettings, type Received } from './line.ts'

/** Questions that are asked at a time; more wait, within their time-out. */
const maxConnections = 50

const types: Record<HookName, string> = {
  beforeSignUp: 'hook.before_sign_up',
  beforeSignIn: 'hook.before_sign_in',
}

/** One question: what came of it, and when, as `performance.now()` has it. */
export interface AskedHook {
  name: HookName
  outcome: string
  startedAt: number
  endedAt: number
}

export interface HookMeans extends Pick<LineSettings, 'resolve' | 'ca'> {
  /** Names the hook in the log. */
  realm: string
  log: Log
  /** Epoch milliseconds. */
  now(): number
  newId(): string
  /** Milliseconds that only go forward: `performance.now`. */
  ticks(): number
  /** Receives each question. It must be quick and must not throw. */
  observe?(asked: AskedHook): void
}

/** A hook that is open: it keeps connections. */
export type OpenHook = Hook & { close(): void }

/**
 * A hook that is asked by signed POSTs (Standard Webhooks), each once, over connections that are kept and that lead where
 * `createLine` lets them. One that does not answer is left alone for a while, so that it holds nobody up
 * (`createBreaker`); quick answers that say nothing are judged one by one.
 */
export function openHook(name: HookName, settings: HookSettings, means: HookMeans): OpenHook {
  const { url, secret, timeoutMs, onFailure, allowPrivateAddresses: allowPrivate, claims } = settings
  const { origin, pathname, search } = new URL(url)
  const key = readWebhookSecret(secret)
  if (!key) throw new Error(`the secret of the hook ${name} is none`)
  const line = createLine({ ...means, origin, allowPrivate, connectTimeoutMs: timeoutMs, maxConnections })
  const breaker = createBreaker(means.ticks)
  const read = answerReader(name, claims)

  const send = (question: HookQuestion): Promise<Received> => {
    const now = means.now()
    const content = { type: types[name], timestamp: new Date(now).toISOString(), data: question }
    const body = JSON.stringify(content)
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      accept: 'application/json',
      'user-agent': 'Manydoors',
      ...signWebhook({ id: `msg_${means.newId()}`, now, body }, [key]),
    }
    const request = { method: 'POST', path: `${pathname}${search}`, headers, body }
    return line.send(request, AbortSignal.timeout(timeoutMs))
  }

  const ask = async (question: HookQuestion): Promise<HookAnswer> => {
    const household = question.ip === null ? undefined : addressBlock(question.ip)
    const end = breaker.begin(household)
    if (!end) return { decision: 'none', why: 'resting' }
    try {
      const answer = read(await send(question))
      end({ isAlive: true })
      return answer
    } catch (error) {
      const why = failureOf(error)
      end(endingOf(why, household))
      return { decision: 'none', why }
    }
  }

  return {
    onFailure,
    claims,
    ask: async (question) => {
      const startedAt = means.ticks()
      const answer = await ask(question)
      const outcome = answer.decision === 'none' ? answer.why : answer.decision
      means.observe?.({ name, outcome, startedAt, endedAt: means.ticks() })
      if (answer.decision === 'none' && answer.why !== 'resting')
        means.log.warn({ realm: means.realm, hook: name, why: answer.why }, 'a hook has given no answer')
      return answer
    },
    close: line.close,
  }
}

type Failure = Extract<HookAnswer, { decision: 'none' }>['why']

function failureOf(error: unknown): Failure {
  const { answer } = error instanceof UpstreamTrouble ? error : {}
  return answer?.outcome === 'failed' ? answer.why : 'unexpected'
}

/** What one household may have provoked, such as an answer that takes too long, counts once for it. */
function endingOf(why: Failure, household: string | undefined): Ending {
  if (why === 'unreachable' || why === 'insecure' || why === 'forbidden_address')
    return { isAlive: false, household: undefined }
  return why === 'timed_out' || why === 'broken_off' ? { isAlive: false, household } : { isAlive: true }
}
