import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../core/log.ts'
import { OperatorError } from '../../core/operators/operator-error.ts'
import { namesOf, type Pages, toAuthError } from '../../http/dialect.ts'
import { tell } from './problems.ts'
import type { SendPage } from './render.ts'

/** Whether htmx asks, which puts answers into the page that is open. */
export function isPart({ headers }: FastifyRequest): boolean {
  return headers['hx-request'] === 'true'
}

/**
 * Answers what was thrown with a page that says so; where htmx asks, above the page that is open, which stays as it is.
 * What is not the operator's doing is logged and stays mute.
 */
export function createFailureSender(log: Log, sendPage: SendPage): Pages['sendFailure'] {
  return async (thrown, request, reply) => {
    if (!(thrown instanceof OperatorError)) {
      const error = toAuthError(thrown)
      request.refusedWith = error.code
      request.refusal = error
    }
    const { status, text, retryAfter } = tell(request, thrown)
    if (status >= 500) log.error({ err: thrown, ...namesOf(request) }, 'console failed')
    if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter))
    return sendFailure(sendPage, request, reply, { status, text })
  }
}

/** Answers with the sentence that says what went wrong. */
export function sendFailure(
  sendPage: SendPage,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, text }: { status: number; text: string },
): Promise<FastifyReply> {
  if (isPart(request))
    reply.headers({ 'hx-retarget': '#told', 'hx-reswap': 'innerHTML', 'hx-reselect': '#problem' })
  return sendPage(request, reply, status, 'failure', { problem: text, requestId: request.id })
}
