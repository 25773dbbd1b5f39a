import type { AllClientMetadata } from 'oidc-provider'
import type { Client } from '../core/clients/client.ts'
import { authMethodOf, needsSecret, type OpenidGrantType, openidSettingsOf } from '../core/openid/settings.ts'
import { claimsByScope } from './claims.ts'

const grantNames: Record<OpenidGrantType, string> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
}

/**
 * Stands for a client's secret, which the library wants to be there: of that the hash alone is known, and a method of ours
 * compares it.
 */
export const secretPlaceholder = 'known by its hash alone'

const known = new WeakMap<Client, AllClientMetadata>()

/** A client in the words of RFC 7591, as the library reads it; made once for each client that is loaded. */
export function metadataOf(client: Client): AllClientMetadata {
  const metadata = known.get(client) ?? makeMetadata(client)
  known.set(client, metadata)
  return metadata
}

function makeMetadata(client: Client): AllClientMetadata {
  const { registered } = openidSettingsOf(client)
  const said = registered ?? declared(client)
  return { ...said, client_id: client.id, ...(needsSecret(client) && { client_secret: secretPlaceholder }) }
}

function declared(client: Client): AllClientMetadata {
  const settings = openidSettingsOf(client)
  const { grants: grantTypes = ['authorization_code', 'refresh_token'], jwks } = settings
  const usesCode = grantTypes.includes('authorization_code')
  const metadata = {
    client_name: client.brand.name,
    application_type: settings.native ? 'native' : 'web',
    token_endpoint_auth_method: authMethodOf(client),
    grant_types: grantTypes.map((grant) => grantNames[grant]),
    response_types: usesCode ? ['code'] : [],
    redirect_uris: usesCode ? client.redirectUris : [],
    post_logout_redirect_uris: settings.postLogoutRedirectUris,
    backchannel_logout_uri: settings.backchannelLogoutUri,
    backchannel_logout_session_required: settings.backchannelLogoutUri !== undefined,
    id_token_signed_response_alg: settings.idTokenAlgorithm ?? 'RS256',
    scope: scopeOf(settings.scopes),
    jwks,
    jwks_uri: settings.jwksUri,
    require_pushed_authorization_requests: settings.par,
    dpop_bound_access_tokens: settings.dpop,
  }
  return Object.fromEntries(
    Object.entries(metadata).filter(([, value]) => value !== undefined),
  ) as AllClientMetadata
}

/** The library knows scopes of people alone; those of resources are held to the client's when the resource is read. */
function scopeOf(scopes: string[] | undefined): string | undefined {
  const known = ['offline_access', ...Object.keys(claimsByScope)]
  return scopes && (scopes.filter((scope) => known.includes(scope)).join(' ') || 'openid')
}
