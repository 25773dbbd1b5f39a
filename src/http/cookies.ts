import type { FastifyReply, FastifyRequest } from 'fastify'
import { AuthError } from '../core/errors.ts'

/**
 * The value of a cookie of ours, as it was sent. Throws `bad_request` for one that comes with two values: the other may
 * be from another host of the domain (RFC 6265 §8.6), and nothing tells which.
 */
export function readCookie(request: FastifyRequest, name: string): string | undefined {
  const [value, ...others] = cookieValues(request, name)
  if (others.length > 0) throw new AuthError('bad_request', { reason: 'contradictory' })
  return value
}

/** Every value that a cookie of ours comes with, each once. */
export function cookieValues(request: FastifyRequest, name: string): string[] {
  const own = pairsOf(request).filter((pair) => pair.startsWith(`${name}=`))
  return [...new Set(own.map((pair) => pair.slice(name.length + 1)))]
}

/** The names of all cookies that a browser sends. */
export function cookieNames(request: FastifyRequest): string[] {
  return pairsOf(request).map((pair) => pair.split('=', 1)[0] ?? '')
}

/** The `Cookie` header as if the browser had sent that value of that cookie, and no other one. */
export function withCookie(request: FastifyRequest, name: string, value: string): string {
  const others = pairsOf(request).filter((pair) => !pair.startsWith(`${name}=`))
  return [...others, `${name}=${value}`].join('; ')
}

function pairsOf({ headers }: FastifyRequest): string[] {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  return pairs.filter((pair) => pair !== '')
}

/** `dropped`, below, says the same. */
const secretOptions = { path: '/', httpOnly: true, secure: true } as const

/**
 * A secret that a browser keeps for so many seconds, or until it is closed. `__Host-`: no other host of the domain can
 * plant one (RFC 6265bis §4.1.3.2).
 */
export function secretCookie(
  name: `__Host-${string}`,
  lifetimeSeconds?: number,
  { sameSite = 'lax' }: { sameSite?: 'lax' | 'strict' } = {},
) {
  const options = { ...secretOptions, sameSite }
  return {
    name,
    /** Throws `bad_request` when the browser sends two. */
    read: (request: FastifyRequest) => readCookie(request, name),
    keep: (reply: FastifyReply, secret: string) =>
      reply.setCookie(name, secret, { ...options, maxAge: lifetimeSeconds }),
    drop: (reply: FastifyReply) => reply.clearCookie(name, options),
    /** The `Set-Cookie` header that does as `drop`, for what answers outside of Fastify. */
    dropped: `${name}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=${sameSite === 'lax' ? 'Lax' : 'Strict'}`,
  }
}
