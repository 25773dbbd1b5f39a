import type { Configuration } from 'oidc-provider'
import { openidSettingsOf } from '../core/openid/settings.ts'
import { paths } from './paths.ts'
import { clientOf, type Middleware, type Protocol } from './protocol.ts'

/** The FAPI 2.0 security profile, §5.4.1: with what clients sign that are held to it. */
const algorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519']

/** Whether a client is held to the FAPI 2.0 security profile. */
export function isFapi(protocol: Pick<Protocol, 'ctx'>, clientId: string): boolean {
  const client = clientOf(protocol, clientId)
  return client !== undefined && openidSettingsOf(client).fapi === true
}

/**
 * Holds the assertion by which such a client shows who it is to the profile: for the issuer and nothing else (§5.3.2.1),
 * and not signed by RS256. Throws the library's `invalid_client`.
 */
export function assertionRuleOf(
  protocol: Protocol,
): NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> {
  return async (_ctx, claims, header, client) => {
    if (!isFapi(protocol, client.clientId)) return
    if (claims.aud !== protocol.ctx.publicUrl) throw protocol.invalidClient('aud must be the issuer alone')
    if (!algorithms.includes(String(header.alg))) throw protocol.invalidClient('alg is not of FAPI 2.0')
  }
}

/** What names one exchange of a client with an API, which says it again (FAPI 2.0 Implementation Advice). */
const interactionId = 'x-fapi-interaction-id'
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** Has userinfo say the name of the exchange again, where a client has given it one. */
export function echoInteractionId(): Middleware {
  return async (ctx, next) => {
    const id = ctx.get(interactionId)
    if (ctx.path === paths.userinfo && uuid.test(id)) ctx.set(interactionId, id)
    await next()
  }
}
