import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RealmContext } from '../core/context.ts'
import type { secretCookie } from '../http/cookies.ts'
import { readBase64url } from '../lib/base64url.ts'

/** How long a notice waits for the page that says it. */
export const noticeLifetimeSeconds = 60

type Keys = Pick<RealmContext, 'secrets'>

/**
 * A cookie by which the next page says what the last action has done. Signed, as what another host plants there would be
 * shown as ours; with `scope`, so that one of another cookie is none of this one.
 */
export function noticeCookie<Notice extends object>(cookie: ReturnType<typeof secretCookie>, scope = '') {
  return {
    leave: ({ secrets }: Keys, reply: FastifyReply, notice: Notice): void => {
      const payload = Buffer.from(JSON.stringify(notice)).toString('base64url')
      cookie.keep(reply, `${payload}.${secrets.mac('notice', `${scope}${payload}`).toString('base64url')}`)
    },
    /** What is to be said, once; `undefined` where nothing is. */
    take: ({ secrets }: Keys, request: FastifyRequest, reply: FastifyReply): Notice | undefined => {
      const value = cookie.read(request)
      if (value === undefined) return undefined
      cookie.drop(reply)
      const [payload = '', signature = ''] = value.split('.')
      const mac = readBase64url(signature)
      if (!mac || secrets.verifyMac('notice', `${scope}${payload}`, mac) === undefined) return undefined
      return JSON.parse(Buffer.from(payload, 'base64url').toString())
    },
  }
}
