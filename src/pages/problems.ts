import type { FastifyReply, FastifyRequest } from 'fastify'
import { AuthError, type ErrorCode } from '../core/errors.ts'
import { languageOf } from '../http/origin.ts'
import { fillIn } from '../lib/fill-in.ts'
import { comeAgainText } from './come-again.ts'
import type { PageSettings, SendPage } from './render.ts'
import type { PageName } from './samples.ts'
import { type Texts, textsFor } from './texts.ts'

/** What went wrong, for a form to be shown again. */
export interface Problem {
  status: number
  text: keyof Texts
  /** What stands in the text for `{name}`. */
  values?: Record<string, string>
}

/** A form that was made for another browser or another login. */
export const foreignForm: Problem = { status: 403, text: 'formStale' }

/** What can come of any form that signs somebody in or up. */
const accessDenied: Problem = { status: 403, text: 'accessDenied' }

const rateLimited: Problem = { status: 429, text: 'failureRateLimited' }

const everywhere: Partial<Record<ErrorCode, Problem>> = {
  access_denied: accessDenied,
  rate_limited: rateLimited,
}

/** What can be said beside a form of what was thrown; everything else is thrown on. */
export function problemOf(
  problems: Partial<Record<ErrorCode, Problem>>,
  error: unknown,
  reply: FastifyReply,
): Problem {
  if (!(error instanceof AuthError)) throw error
  const problem = everywhere[error.code] ?? problems[error.code]
  if (!problem) throw error
  reply.request.refusal = error
  const { retryAfter } = error.details
  if (retryAfter === undefined) return problem
  reply.header('retry-after', String(retryAfter))
  if (error.code !== 'rate_limited') return problem
  const when = comeAgainText(retryAfter, languageOf(reply.request))
  return { ...rateLimited, text: 'rateLimitedUntil', values: { when } }
}

/** Whom a form is shown to, and what is wrong with what was sent before. */
export interface FormView {
  request: FastifyRequest
  reply: FastifyReply
  problem?: Problem
}

/** Answers with a form, and with the problem where there is one. */
export function sendForm(
  sendPage: SendPage,
  { request, reply, problem }: FormView,
  template: PageName,
  data: object,
  settings?: PageSettings,
): Promise<FastifyReply> {
  const fields = { ...data, problem: problem && problemText(request, problem) }
  return sendPage(request, reply, problem?.status ?? 200, template, fields, settings)
}

function problemText(request: FastifyRequest, { text, values = {} }: Problem): string {
  return fillIn(textsFor(request)[text], values)
}
