import type { FastifyReply, FastifyRequest } from 'fastify'
import { trustLifetimeSeconds } from '../core/self-service/trusted-devices.ts'
import { secretCookie } from './cookies.ts'

/** Accounts that a browser may be trusted by, as that of a family is; the oldest go. */
const maxSecrets = 5

const cookie = secretCookie('__Host-manydoors-trusted', trustLifetimeSeconds)

/** The secrets of a browser that some accounts do not ask for a second factor. None says which account it is of. */
export const trustedCookie = {
  /** Newest first. Throws `bad_request` when the browser sends two cookies. */
  read: (request: FastifyRequest): string[] =>
    (cookie.read(request)?.split('.') ?? [])
      .filter((secret) => /^[\w-]{43}$/.test(secret))
      .slice(0, maxSecrets),

  /** Adds a secret to those that the browser has sent. */
  add(reply: FastifyReply, secret: string): void {
    const kept = [secret, ...trustedCookie.read(reply.request)].slice(0, maxSecrets)
    cookie.keep(reply, kept.join('.'))
  },
}
