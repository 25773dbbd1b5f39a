import type { FastifyReply, FastifyRequest } from 'fastify'
import { AuthError, type ErrorCode, type PasswordRule } from '../core/errors.ts'
import { type PageSettings, type SendPage, type Texts, textsFor } from './render.ts'
import type { PageName } from './samples.ts'

/** What went wrong, for a form to be shown again. */
export interface Problem {
  status: number
  text: keyof Texts
}

/** A form that was made for another browser or another login. */
export const foreignForm: Problem = { status: 403, text: 'formStale' }

const rateLimited: Problem = { status: 429, text: 'failureRateLimited' }

/** What can be said beside a form of what was thrown; everything else is thrown on. */
export function problemOf(
  problems: Partial<Record<ErrorCode, Problem>>,
  error: unknown,
  reply: FastifyReply,
): Problem {
  if (!(error instanceof AuthError)) throw error
  const problem = error.code === 'rate_limited' ? rateLimited : problems[error.code]
  if (!problem) throw error
  reply.request.refusal = error
  const { retryAfter } = error.details
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter))
  return problem
}

const passwordTexts: Record<PasswordRule, keyof Texts> = {
  too_short: 'passwordTooShort',
  too_long: 'passwordUnusable',
  malformed: 'passwordUnusable',
  too_common: 'passwordTooCommon',
  too_personal: 'passwordTooPersonal',
}

/** What is wrong with a new password that was rejected; the text may hold `{minLength}`. */
export function passwordProblem({ details }: AuthError): Problem {
  return { status: 400, text: passwordTexts[details.issues?.[0]?.rule ?? 'malformed'] }
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
  const fields = { ...data, problem: problem && textsFor(request)[problem.text] }
  return sendPage(request, reply, problem?.status ?? 200, template, fields, settings)
}
