import type { FastifyReply, FastifyRequest } from 'fastify'
import { loginLifetimeSeconds } from '../core/sign-in/hosted-logins.ts'
import { readCookie } from './cookies.ts'

/** `__Host-`: no other host of the domain can plant one (RFC 6265bis §4.1.3.2). */
const name = '__Host-manydoors-login'
const options = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const

/** The secret of the login that this browser has begun. Throws `bad_request` when it sends two. */
export function readLoginCookie(request: FastifyRequest): string | undefined {
  return readCookie(request, name)
}

/** Has the browser keep the secret of a login for as long as that lives. */
export function keepLoginCookie(reply: FastifyReply, secret: string): void {
  reply.setCookie(name, secret, { ...options, maxAge: loginLifetimeSeconds })
}

/** Has the browser forget its login. */
export function dropLoginCookie(reply: FastifyReply): void {
  reply.clearCookie(name, options)
}
