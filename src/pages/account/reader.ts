import type { FastifyRequest } from 'fastify'
import { languageOf } from '../../http/origin.ts'
import type { TimeReader } from '../times.ts'

/** Who reads the times of a page. */
export function readerOf(request: FastifyRequest): TimeReader {
  const { ctx, caller } = request.person
  return { language: languageOf(request), timeZone: caller.account.time_zone, now: ctx.now() }
}
