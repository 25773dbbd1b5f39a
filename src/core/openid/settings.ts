import type { Client } from '../clients/client.ts'
import type { DialectPolicy } from '../dialect-policy.ts'

/** An API that access tokens of OpenID Connect are good at (RFC 8707). */
interface OpenidResource {
  /** An absolute URI, which clients name as `resource` and tokens as `aud`. */
  identifier: string
  scopes: string[]
  /** `jwt` (RFC 9068) for APIs that check signatures, `opaque` for those that ask the introspection endpoint. */
  format: 'jwt' | 'opaque'
  accessLifetimeSeconds: number
  algorithm: 'RS256' | 'ES256'
}

/** OpenID Connect as a realm has it. */
export interface OpenidSettings {
  door: DialectPolicy
  resources: OpenidResource[]
  /** Who may register clients by RFC 7591: nobody, whoever has an initial access token, or anybody. */
  registration: 'off' | 'token' | 'open'
  /** Whether logout tokens may be sent to private and loopback addresses. */
  allowPrivateAddresses: boolean
}

/** How long ID tokens and logout tokens are good at most. */
export const idTokenLifetimeSeconds = 60 * 60

/** How long the longest-lived token is good that is signed here by keys that others read (RFC 7517). */
export function longestTokenLifetime({ resources }: Pick<OpenidSettings, 'resources'>): number {
  return Math.max(idTokenLifetimeSeconds, ...resources.map((resource) => resource.accessLifetimeSeconds))
}

type OpenidAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none'
export type OpenidGrantType = 'authorization_code' | 'refresh_token' | 'client_credentials' | 'device_code'

/** What is known of one client of OpenID Connect, beyond what all clients have. Defaults are named in parentheses. */
export interface OpenidClientSettings {
  /** An app of the house: nobody is asked what it may do (true; false for those that register themselves). */
  firstParty?: boolean
  /** An app on a person's own machine, whose loopback redirects may have any port (false). */
  native?: boolean
  /** How it shows who it is (`client_secret_basic`). */
  authMethod?: OpenidAuthMethod
  /** Its public keys (RFC 7517), for `private_key_jwt`; or where they are. */
  jwks?: { keys: Record<string, unknown>[] }
  jwksUri?: string
  /** (`authorization_code`, `refresh_token`) */
  grants?: OpenidGrantType[]
  /** Which scopes it may ask for; all, when not given. */
  scopes?: string[]
  /** How its ID tokens are signed (`RS256`). */
  idTokenAlgorithm?: 'RS256' | 'ES256'
  postLogoutRedirectUris?: string[]
  backchannelLogoutUri?: string
  /** (`required`); a confidential client alone may have it optional. */
  pkce?: 'required' | 'optional'
  /** Its authorization requests must be pushed (RFC 9126). */
  par?: boolean
  /** Its tokens are bound to its key (RFC 9449). */
  dpop?: boolean
  /** Held to the FAPI 2.0 security profile. */
  fapi?: boolean
  /** It may ask what tokens of other clients are (RFC 7662). */
  introspect?: boolean
  /** What a client that has registered itself has said, in the words of RFC 7591; without its secret. */
  registered?: Record<string, unknown>
}

/** The settings of a client of the `openid` door, with all that its profile implies. */
export function openidSettingsOf({ settings }: Pick<Client, 'settings'>): OpenidClientSettings {
  const given = settings as OpenidClientSettings
  if (!given.fapi) return given
  return {
    ...given,
    authMethod: 'private_key_jwt',
    idTokenAlgorithm: 'ES256',
    pkce: 'required',
    par: true,
    dpop: true,
  }
}

/** How a client shows who it is, in the words of RFC 7591: as it is set, or as it has said when it registered itself. */
export function authMethodOf(client: Pick<Client, 'settings'>): string {
  const { registered, authMethod } = openidSettingsOf(client)
  return String(registered?.token_endpoint_auth_method ?? authMethod ?? 'client_secret_basic')
}

/** Whether a client shows who it is by a secret, which is made for it here. */
export function needsSecret(client: Pick<Client, 'settings'>): boolean {
  return authMethodOf(client).startsWith('client_secret')
}
