import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { RealmContext, RequestContext } from '../../core/context.ts'
import { originOf } from '../../http/origin.ts'
import { optionalText } from '../form-fields.ts'

/** The secret of a mailed link; `verificationCode` is what credebl's links call it. */
export const TokenQuery = z
  .object({
    token: optionalText,
    verificationCode: optionalText,
  })
  .transform(({ token, verificationCode }) => ({ token: token ?? verificationCode ?? '' }))

/** The context of a request for a hosted page, which comes through no door. */
export function atPage(ctx: RealmContext, request: FastifyRequest): RequestContext {
  return { ...ctx, origin: originOf(request) }
}
