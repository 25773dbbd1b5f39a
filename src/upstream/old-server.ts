import { isRefusal } from '../core/errors.ts'
import { createFairQueue } from '../core/passwords/fair-queue.ts'
import type { PasswordQuestion } from '../core/switching/old-server.ts'
import type { PasswordAnswer, UpstreamFailure } from '../core/switching/upstream.ts'
import { addressBlock } from '../lib/ip.ts'
import { type Breaker, createBreaker, type Ending } from './breaker.ts'
import {
  type Checked,
  type CheckSettings,
  checkPassword,
  isSendable,
  type RefreshQuestion,
} from './check-password.ts'
import { createLine, type LineSettings } from './line.ts'
import { createRate } from './rate.ts'

/** Receives what is asked of an old server. It must be quick and must not throw. */
export interface OldServerObserver {
  /** An answer, or that there was no room to wait; times as `performance.now()` has them, from when it was its turn. */
  answered(answer: PasswordAnswer, times: { startedAt: number; endedAt: number }): void
  /** The session that the old server has opened for a right password has been ended there, or not. */
  signedOut(isDone: boolean): void
  /** Receives what reads how it stands. */
  state(read: () => OldServerState): void
}

interface OldServerState {
  breaker: ReturnType<Breaker['state']>
  running: number
  waiting: number
}

export interface OldServerSettings
  extends CheckSettings,
    Pick<LineSettings, 'origin' | 'allowPrivate' | 'resolve' | 'ca'> {
  /** 1 s when not given. */
  connectTimeoutMs?: number
  /** Passwords that are asked for at a time. */
  concurrency: number
  perMinute: number
  /** Milliseconds that only go forward: `performance.now`. */
  now: () => number
  observer?: OldServerObserver
}

/** A server that was here before this one, and knows passwords that this one does not. */
export interface OldServer {
  /** Whether the password is right there. Throws nothing. */
  checkPassword(question: PasswordQuestion): Promise<PasswordAnswer>
  /** Has it refresh a session, and say whose that is. Throws nothing. */
  refresh(question: RefreshQuestion): Promise<PasswordAnswer>
  state(): OldServerState
  /** Once all that has begun is over. */
  close(): Promise<void>
}

type Question = PasswordQuestion | RefreshQuestion

/**
 * Asks one old server, so that it is not overrun and cannot hold anything up: `concurrency` at a time and twice as many
 * waiting, served in turn by address, `perMinute` in any minute, and not at all while it fails (`createBreaker`).
 * The session that a right password opens there is ended after the answer. Throws for an origin that will not do.
 */
export function createOldServer(settings: OldServerSettings): OldServer {
  const { concurrency, now, observer } = settings
  const connectTimeoutMs = settings.connectTimeoutMs ?? 1_000
  const line = createLine({ ...settings, connectTimeoutMs, maxConnections: concurrency })
  const queue = createFairQueue({ concurrency, places: () => 2 * concurrency })
  const breaker = createBreaker(now)
  const rate = createRate(settings.perMinute, now)
  const begun = new Set<Promise<unknown>>()
  const state = () => ({ ...queue.state(), breaker: breaker.state() })
  observer?.state(state)

  /** Asks, as far as the old server may be asked now. */
  const askInTurn = async (question: Question): Promise<Checked> => {
    const household = question.address === undefined ? undefined : addressBlock(question.address)
    const end = breaker.begin(household)
    if (!end) return { answer: { outcome: 'failed', why: 'resting' } }
    const wait = rate.take()
    if (wait) {
      end('unasked')
      return { answer: { outcome: 'busy', ...wait } }
    }
    const checked = await checkPassword(line, settings, question)
    end(endingOf(checked.answer, household))
    return checked
  }

  /** Holds its turn until the session there is ended, and gives its answer before. */
  const takeTurn = async (question: Question, give: (answer: PasswordAnswer) => void) => {
    const startedAt = performance.now()
    const { answer, signOut } = await askInTurn(question)
    observer?.answered(answer, { startedAt, endedAt: performance.now() })
    give(answer)
    if (!signOut) return
    const isDone = await signOut().then(
      () => true,
      () => false,
    )
    observer?.signedOut(isDone)
  }

  const answerInTurn = (question: Question): Promise<PasswordAnswer> => {
    const { promise, resolve: give } = Promise.withResolvers<PasswordAnswer>()
    const { address } = question
    const asker = address === undefined ? undefined : { ip: address }
    const turn = queue
      .run(asker, () => takeTurn(question, give))
      .catch((error) => give(refused(error, observer)))
      .finally(() => begun.delete(turn))
    begun.add(turn)
    return promise
  }

  return {
    checkPassword: async (question) => (isSendable(question) ? answerInTurn(question) : { outcome: 'wrong' }),
    refresh: answerInTurn,
    state,
    close: async () => {
      await Promise.all(begun)
      line.close()
    },
  }
}

function refused(error: unknown, observer: OldServerObserver | undefined): PasswordAnswer {
  const answer = refusedAnswer(error)
  const now = performance.now()
  observer?.answered(answer, { startedAt: now, endedAt: now })
  return answer
}

function refusedAnswer(error: unknown): PasswordAnswer {
  if (!isRefusal(error, 'overloaded')) return { outcome: 'failed', why: 'unexpected' }
  const { retryAfter } = error.details
  return { outcome: 'busy', ...(retryAfter !== undefined && { retryAfterSeconds: retryAfter }) }
}

/** Whatever is asked. */
const silent = new Set<UpstreamFailure>(['unreachable', 'insecure'])
/** What was asked may have provoked it. */
const broken = new Set<UpstreamFailure>([
  'broken_off',
  'timed_out',
  'server_error',
  'unreadable',
  'too_large',
])

function endingOf(answer: PasswordAnswer, household: string | undefined): Ending {
  if (answer.outcome !== 'failed') return { isAlive: true }
  if (silent.has(answer.why)) return { isAlive: false, household: undefined }
  if (!broken.has(answer.why)) return { isAlive: true }
  return { isAlive: false, household }
}
