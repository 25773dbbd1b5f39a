import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RealmContext } from '../../core/context.ts'
import { secretCookie } from '../../http/cookies.ts'
import { readBase64url } from '../../lib/base64url.ts'
import { fillIn } from '../../pages/texts.ts'
import { type Texts, textsFor } from './texts.ts'

const cookie = secretCookie('__Host-manydoors-operator-notice', 60, { sameSite: 'strict' })

/** What a page says of the last action: a text, and what stands in it for `{name}`. */
export interface Notice {
  text: keyof Texts
  values?: Record<string, string | number>
}

type Keys = Pick<RealmContext, 'secrets'>

/** Has the next page say what was done. Signed, as what another host plants here would be shown as ours. */
export function leaveNotice({ secrets }: Keys, reply: FastifyReply, notice: Notice): void {
  const payload = Buffer.from(JSON.stringify(notice)).toString('base64url')
  cookie.keep(reply, `${payload}.${secrets.mac('notice', `console ${payload}`).toString('base64url')}`)
}

/** What the last page has left to be said, once. */
export function takeNotice(
  { secrets }: Keys,
  request: FastifyRequest,
  reply: FastifyReply,
): string | undefined {
  const value = cookie.read(request)
  if (value === undefined) return undefined
  cookie.drop(reply)
  const [payload = '', signature = ''] = value.split('.')
  const mac = readBase64url(signature)
  if (!mac || secrets.verifyMac('notice', `console ${payload}`, mac) === undefined) return undefined
  const { text, values = {} }: Notice = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return fillIn(textsFor(request)[text] ?? '', values)
}
