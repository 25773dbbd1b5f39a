import type { Draft } from './draft.ts'
import type { Role } from './roles.ts'
import { literal, marks } from './source.ts'

/** The line of a route that keeps or clears the cookie; empty where there is none. */
export function keepsCookie({ tokens }: Draft, role: Role): string {
  if (!tokens.cookie) return ''
  if (role === 'signOut') return 'reply.clearCookie(cookieName, cookieOptions)'
  const holder = role === 'refresh' ? 'refreshed' : 'signedIn'
  return role === 'refresh' || role === 'signIn' || role === 'secondFactor'
    ? `keepRefreshToken(reply, ${holder})`
    : ''
}

/** Its name and attributes, as they were seen. */
export function cookieConstants({ tokens: { cookie } }: Draft): string {
  if (!cookie) return ''
  const { attributes } = cookie
  const sameSite = ['strict', 'lax', 'none'].find((one) => one === attributes.samesite?.toLowerCase())
  const options = [
    `path: ${literal(attributes.path ?? '/')}`,
    ...(attributes.httponly === undefined ? [] : ['httpOnly: true']),
    ...(attributes.secure === undefined ? [] : ['secure: true']),
    ...(sameSite ? [`sameSite: ${literal(sameSite)}`] : []),
  ]
  const open = ['the cookie was taken for that of the refresh token: is it?']
  if (attributes.domain !== undefined) open.push('the cookie had a Domain, which is left out: which one?')
  return `const cookieName = ${literal(cookie.name)}\n${marks(open)}const cookieOptions = { ${options.join(', ')} } as const\n`
}

/** What routes call that keep it. */
export function cookieFunctions({ tokens: { cookie } }: Draft): string {
  if (!cookie) return ''
  return `function keepRefreshToken(reply: FastifyReply, { session, tokens }: Pick<SignedIn, 'session' | 'tokens'>): void {
    reply.setCookie(cookieName, tokens.refreshToken, { ...cookieOptions, expires: new Date(session.absolute_expires_at) })
  }\n`
}
