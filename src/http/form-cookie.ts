import type { FastifyReply, FastifyRequest } from 'fastify'
import { readCookie } from './cookies.ts'

/** `__Host-`: no other host of the domain can plant one (RFC 6265bis §4.1.3.2). */
const name = '__Host-manydoors-form'
const options = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const

/** The secret of the forms that were made for this browser. Throws `bad_request` when it sends two. */
export function readFormCookie(request: FastifyRequest): string | undefined {
  return readCookie(request, name)
}

/** Has the browser keep the secret of its forms until it is closed. */
export function keepFormCookie(reply: FastifyReply, secret: string): void {
  reply.setCookie(name, secret, options)
}
