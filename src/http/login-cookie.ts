import type { FastifyReply, FastifyRequest } from 'fastify'
import { type KeptLogin, loginLifetimeSeconds } from '../core/sign-in/hosted-logins.ts'
import { cookieNames, secretCookie } from './cookies.ts'
import { isUuid } from './fields.ts'

const prefix = '__Host-manydoors-login-'
/** Logins that a browser may have begun at a time, in as many tabs; the oldest are dropped. */
const maxLogins = 8

const cookieOf = (id: string) => secretCookie(`${prefix}${id}`, loginLifetimeSeconds)

/**
 * The secrets of the logins that a browser has begun, each in a cookie of its own for as long as it lives, so that two
 * tabs do not get in each other's way.
 */
export const loginCookies = {
  /** Newest first, and no more than a browser is given. Throws `bad_request` when it sends two secrets of one login. */
  read(request: FastifyRequest): KeptLogin[] {
    return idsOf(request)
      .slice(0, maxLogins)
      .flatMap((id) => {
        const secret = cookieOf(id).read(request)
        return secret === undefined ? [] : { id, secret }
      })
  },

  keep(reply: FastifyReply, { id, secret }: KeptLogin): void {
    for (const old of idsOf(reply.request).slice(maxLogins - 1)) cookieOf(old).drop(reply)
    cookieOf(id).keep(reply, secret)
  },

  drop(reply: FastifyReply, id: string): void {
    cookieOf(id).drop(reply)
  },
}

/** Ids begin with the time at which they were made. */
function idsOf(request: FastifyRequest): string[] {
  const ids = cookieNames(request).flatMap((name) =>
    name.startsWith(prefix) ? name.slice(prefix.length) : [],
  )
  return [...new Set(ids)].filter(isUuid).sort().reverse()
}
