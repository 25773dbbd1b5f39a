import type { FastifyRequest } from 'fastify'
import { dateText, timeText } from '../../core/text/time-text.ts'
import { languageOf } from '../../http/origin.ts'
import type { TimeReader } from '../times.ts'

/** Who reads the times of an account page: its person, in the language of the page and in the zone of the account. */
export function readerOf(request: FastifyRequest): TimeReader {
  const { ctx, caller } = request.person
  return { language: languageOf(request), timeZone: caller.account.time_zone, now: ctx.now() }
}

/** The day of a time in epoch milliseconds, as the person of an account page reads it. */
export function dateFor(request: FastifyRequest, at: number): string {
  const { language, timeZone } = readerOf(request)
  return dateText(at, language, timeZone)
}

/** A time in epoch milliseconds to the minute, as the person of an account page reads it. */
export function timeFor(request: FastifyRequest, at: number): string {
  const { language, timeZone } = readerOf(request)
  return timeText(at, language, timeZone)
}
