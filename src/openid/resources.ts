import { openidSettingsOf } from '../core/openid/settings.ts'
import { knownClient, type Protocol } from './protocol.ts'

/** An API that access tokens are good at, as the library reads it. Throws `invalid_target` for one that is not known. */
export function resourceOf(protocol: Protocol, identifier: string, clientId: string) {
  const resource = protocol.settings.resources.find((known) => known.identifier === identifier)
  if (!resource) throw protocol.invalidTarget()
  const { scopes: allowed } = openidSettingsOf(knownClient(protocol, clientId))
  const scopes = allowed ? resource.scopes.filter((scope) => allowed.includes(scope)) : resource.scopes
  return {
    scope: scopes.join(' '),
    audience: identifier,
    accessTokenTTL: resource.accessLifetimeSeconds,
    accessTokenFormat: resource.format,
    jwt: { sign: { alg: resource.algorithm } },
  } as const
}
