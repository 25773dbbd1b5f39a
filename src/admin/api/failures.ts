import type { FastifyRequest } from 'fastify'
import type { Log } from '../../core/log.ts'
import { OperatorError } from '../../core/operators/operator-error.ts'
import { namesOf, type Pages, toAuthError } from '../../http/dialect.ts'
import { ApiError, problemOf } from './problem.ts'

/** Answers what was thrown as `application/problem+json` (RFC 9457). What is not of the program's doing is logged and stays mute. */
export function createProblemSender(log: Log, url: string): Pages['sendFailure'] {
  return async (thrown, request, reply) => {
    const { problem, headers } = problemOf(thrown)
    const { code, status } = problem
    noteRefusal(request, thrown, code)
    if (status >= 500) log.error({ err: thrown, ...namesOf(request) }, 'a request to the admin API failed')
    return reply
      .code(status)
      .headers({
        ...headers,
        ...((status === 413 || status === 503) && { connection: 'close' }),
        'content-type': 'application/problem+json; charset=utf-8',
      })
      .send(JSON.stringify({ type: `${url}/admin/api#${code}`, ...problem, requestId: request.id }))
  }
}

/** For what observes requests, and for the challenge of a 401. */
function noteRefusal(request: FastifyRequest, thrown: unknown, code: string): void {
  const isOurs = thrown instanceof ApiError || thrown instanceof OperatorError
  request.refusedWith = code === 'token_invalid' ? 'access_invalid' : code
  if (!isOurs) request.refusal = toAuthError(thrown)
}
