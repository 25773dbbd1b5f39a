import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RealmContext } from '../../core/context.ts'
import { secretCookie } from '../../http/cookies.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { noticeCookie, noticeLifetimeSeconds } from '../notice-cookie.ts'
import type { Texts } from '../texts.ts'

/** What a page says of the last action: a text, and what stands in it for `{name}`. */
export interface Notice {
  text: keyof Texts
  values?: Record<string, string>
}

const kept = noticeCookie<Notice>(secretCookie('__Host-manydoors-notice', noticeLifetimeSeconds))

/** Has the next page say what was done. */
export const leaveNotice = kept.leave

/** What the last page has left to be said, once, in these texts. */
export function takeNotice(
  keys: Pick<RealmContext, 'secrets'>,
  request: FastifyRequest,
  reply: FastifyReply,
  texts: Texts,
): string | undefined {
  const notice = kept.take(keys, request, reply)
  return notice && fillIn(texts[notice.text], notice.values ?? {})
}
