import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RealmContext } from '../../core/context.ts'
import { secretCookie } from '../../http/cookies.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { noticeCookie, noticeLifetimeSeconds } from '../../pages/notice-cookie.ts'
import { type Texts, textsFor } from './texts.ts'

/** What a page says of the last action: a text, and what stands in it for `{name}`. */
export interface Notice {
  text: keyof Texts
  values?: Record<string, string | number>
}

const name = '__Host-manydoors-operator-notice'
const kept = noticeCookie<Notice>(
  secretCookie(name, noticeLifetimeSeconds, { sameSite: 'strict' }),
  'console ',
)

/** Has the next page of the console say what was done. */
export const leaveNotice = kept.leave

/** What the last page of the console has left to be said, once. */
export function takeNotice(
  keys: Pick<RealmContext, 'secrets'>,
  request: FastifyRequest,
  reply: FastifyReply,
): string | undefined {
  const notice = kept.take(keys, request, reply)
  return notice && fillIn(textsFor(request)[notice.text] ?? '', notice.values ?? {})
}
