import type { FastifyRequest } from 'fastify'
import { dateText, timeText } from '../../core/text/time-text.ts'
import { languageOf } from '../../http/origin.ts'
import type { TimeReader } from '../times.ts'

/** Who reads the times of a page. */
export function readerOf(request: FastifyRequest): TimeReader {
  const { ctx, caller } = request.person
  return { language: languageOf(request), timeZone: caller.account.time_zone, now: ctx.now() }
}

/** The day of a time in epoch milliseconds, in the language and the time zone of whoever is signed in. */
export function dateFor(request: FastifyRequest, time: number): string {
  const { language, timeZone } = readerOf(request)
  return dateText(time, language, timeZone)
}

/** A time in epoch milliseconds to the minute, in the language and the time zone of whoever is signed in. */
export function timeFor(request: FastifyRequest, time: number): string {
  const { language, timeZone } = readerOf(request)
  return timeText(time, language, timeZone)
}
