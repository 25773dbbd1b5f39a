import type { JobCause, JobKind } from '../../core/jobs.ts'
import { Refused, type Transports, Undeliverable } from '../message.ts'

/** An attempt at a job or at sending a message, when it has ended. */
export interface SeenAttempt {
  outcome: 'succeeded' | 'failed' | 'refused' | 'undeliverable'
  /** As `performance.now()` says it, in milliseconds. */
  startedAt: number
  endedAt: number
  error?: unknown
}

/** What a job is, and what caused it. */
export interface ObservedJob {
  id: string
  realm: string
  kind: JobKind
  cause: JobCause
}

/** Why a job is given up: it can never succeed, was refused, or has failed too often. */
export type GivenUp = 'undeliverable' | 'refused' | 'attempts'

/** Receives what is sent; it is quick and does not throw. */
export interface DeliveryObserver {
  job(job: ObservedJob, seen: SeenAttempt): void
  message(channel: 'mail' | 'sms' | 'webhook', seen: SeenAttempt): void
  givenUp(kind: JobKind, reason: GivenUp): void
  /** Runs a job so that what it causes is traced back to it. */
  within?<T>(job: ObservedJob, work: () => Promise<T>): Promise<T>
}

/** Transports each of whose attempts is reported when it has ended. */
export function observedTransports(transports: Transports, { message }: DeliveryObserver): Transports {
  return {
    sendMail: (mail) => observeAttempt(transports.sendMail(mail), (seen) => message('mail', seen)),
    sendSms: (sms) => observeAttempt(transports.sendSms(sms), (seen) => message('sms', seen)),
  }
}

/** Reports how an attempt ends, and passes its error on. */
export async function observeAttempt(
  attempt: Promise<void>,
  observe: (seen: SeenAttempt) => void,
): Promise<void> {
  const startedAt = performance.now()
  try {
    await attempt
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
