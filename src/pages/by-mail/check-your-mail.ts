import type { FastifyReply } from 'fastify'
import { isRefusal } from '../../core/errors.ts'
import { type FormView, type Problem, problemOf } from '../problems.ts'
import { textsFor } from '../texts.ts'

/** What became of a mail that somebody waits for. */
export interface MailState {
  /** As it was typed. */
  email: string
  /** Whether it was sent once more just now. */
  isSentAgain?: boolean
  /** When it can be asked for again, where a limit stops that now. */
  minutes?: number
}

/** What a page that waits for a mail shows; `path` begins the paths of its form and links. */
export function presentAwaited(
  { request }: FormView,
  { email, isSentAgain, minutes, form, path }: MailState & { form: string; path: string },
) {
  const notice = isSentAgain ? textsFor(request).mailSentAgain : undefined
  return { email: email.trim(), form, path, minutes, notice }
}

/** Why a mail was not sent, and, where that is for a limit, in how many minutes it can be. Throws everything else on. */
export function mailProblem(error: unknown, reply: FastifyReply): { problem: Problem; minutes?: number } {
  const problem = problemOf({}, error, reply)
  const seconds = isRefusal(error, 'rate_limited') ? error.details.retryAfter : undefined
  if (seconds === undefined) return { problem }
  return { problem: { ...problem, text: 'mailRateLimited' }, minutes: Math.ceil(seconds / 60) }
}
