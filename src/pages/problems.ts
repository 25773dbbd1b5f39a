import type { FastifyReply } from 'fastify'
import { AuthError, type ErrorCode } from '../core/errors.ts'
import type { Texts } from './render.ts'

/** What went wrong, for a form to be shown again. */
export interface Problem {
  status: number
  text: keyof Texts
}

/** What can be said beside a form of what was thrown; everything else is thrown on. */
export function problemOf(
  problems: Partial<Record<ErrorCode, Problem>>,
  error: unknown,
  reply: FastifyReply,
): Problem {
  const problem = error instanceof AuthError ? problems[error.code] : undefined
  if (!problem || !(error instanceof AuthError)) throw error
  reply.request.refusal = error
  const { retryAfter } = error.details
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter))
  return problem
}
