import type { RealmContext } from '../../core/context.ts'
import type { JobCause, JobKind } from '../../core/jobs.ts'
import { Refused, type Transports, Undeliverable } from '../message.ts'
import type { JobHandlers } from './handlers.ts'

/** One attempt at something outward that has ended. */
export interface SeenAttempt {
  outcome: 'succeeded' | 'failed' | 'refused' | 'undeliverable'
  /** As `performance.now()` says it, in milliseconds. */
  startedAt: number
  endedAt: number
  error?: unknown
}

/** What a job is, and what it was caused by. */
export interface ObservedJob {
  id: string
  realm: string
  kind: JobKind
  cause: JobCause
}

/** Why a job is given up: it can never succeed, was refused, or has failed too often. */
export type GivenUp = 'undeliverable' | 'refused' | 'attempts'

/** Is told of what is sent. It must be quick and must not throw. */
export interface DeliveryObserver {
  job(job: ObservedJob, seen: SeenAttempt): void
  message(channel: 'mail' | 'sms', seen: SeenAttempt): void
  givenUp(kind: JobKind, reason: GivenUp): void
  /** Runs a job so that what it causes is found with it. */
  within?<T>(job: ObservedJob, work: () => Promise<T>): Promise<T>
}

/** The same handlers, each of whose attempts is reported when it has ended. */
export function observedHandlers(handlers: JobHandlers, observer: DeliveryObserver): JobHandlers {
  const observed = Object.entries(handlers).map(([kind, handler]) => [
    kind,
    (ctx: RealmContext, payload: JobCause, id: string) => {
      const job: ObservedJob = { id, realm: ctx.realm.name, kind: kind as JobKind, cause: payload }
      const run = () => (handler as (...given: unknown[]) => Promise<void>)(ctx, payload, id)
      const watched = () => watch(run, (seen) => observer.job(job, seen))
      return observer.within ? observer.within(job, watched) : watched()
    },
  ])
  return Object.fromEntries(observed)
}

/** The same transports, each of whose attempts is reported when it has ended. */
export function observedTransports(transports: Transports, { message }: DeliveryObserver): Transports {
  return {
    ...transports,
    sendMail: (mail) =>
      watch(
        () => transports.sendMail(mail),
        (seen) => message('mail', seen),
      ),
    sendSms: (sms) =>
      watch(
        () => transports.sendSms(sms),
        (seen) => message('sms', seen),
      ),
  }
}

async function watch(run: () => Promise<void>, observe: (seen: SeenAttempt) => void): Promise<void> {
  const startedAt = performance.now()
  try {
    await run()
    observe({ outcome: 'succeeded', startedAt, endedAt: performance.now() })
  } catch (error) {
    observe({ outcome: outcomeOf(error), startedAt, endedAt: performance.now(), error })
    throw error
  }
}

function outcomeOf(error: unknown): SeenAttempt['outcome'] {
  if (error instanceof Undeliverable) return 'undeliverable'
  return error instanceof Refused ? 'refused' : 'failed'
}
