import type { AccessToken, ClientCredentials, Configuration, ResponseType } from 'oidc-provider'
import { addedClaims } from '../core/hooks/added-claims.ts'
import type { TokenClaims } from '../core/hooks/claims.ts'
import { assuranceLevels } from '../core/openid/assurance.ts'
import { idTokenLifetimeSeconds, openidSettingsOf } from '../core/openid/settings.ts'
import { accountDoor } from '../core/self-service/account-door.ts'
import { createOutwardFetch } from '../lib/outward.ts'
import { artifactAdapter, replayAdapter } from './adapters/artifacts.ts'
import { clientAdapter } from './adapters/clients.ts'
import { deviceCodeAdapter } from './adapters/device-codes.ts'
import { grantAdapter } from './adapters/grants.ts'
import { interactionAdapter } from './adapters/interactions.ts'
import { sessionAdapter } from './adapters/sessions.ts'
import { accessTokenAdapter, refreshTokenAdapter } from './adapters/tokens.ts'
import { claimsByScope, claimsOf } from './claims.ts'
import { assertionRuleOf, isFapi } from './fapi.ts'
import { loadGrant } from './grants.ts'
import type { pagesOf } from './pages.ts'
import { interactionPath, paths } from './paths.ts'
import { knownClient, type Protocol } from './protocol.ts'
import { registrationOf } from './registration.ts'
import { resourceOf } from './resources.ts'
import { revocation } from './revocation.ts'

const minute = 60
const hour = 60 * minute

const algorithms = ['ES256', 'RS256']
/** What every ID token says of how and when somebody signed in. */
const ofSignIns = ['acr', 'amr', 'auth_time']
/** How clients may sign what they send. */
const clientAlgorithms = ['ES256', 'PS256', 'RS256', 'EdDSA', 'Ed25519']
/** Proofs of possession are made for each request: nobody needs the slow and old algorithm. */
const proofAlgorithms = clientAlgorithms.filter((name) => name !== 'RS256')

/** What a provider must have that any client may register at (OpenID Connect Discovery §3); elsewhere there is no implicit flow. */
const dynamicResponseTypes = ['code', 'id_token', 'id_token token'] as const satisfies ResponseType[]

/** What the library does and what it asks of us: everything that is on or off is here. */
export function configurationOf(
  protocol: Protocol,
  { renderError, ...withPages }: ReturnType<typeof pagesOf>,
): Configuration {
  const { ctx } = protocol
  const addable = ctx.hooks.beforeSignIn?.claims ?? []
  const isHttps = ctx.publicUrl.startsWith('https:')
  return {
    renderError,
    adapter: (kind) => adapterOf(protocol, kind),
    jwks: { keys: ctx.keys.privateJwks() as never[] },
    routes: { ...paths },
    cookies: cookiesOf(isHttps),
    scopes: ['openid', 'offline_access'],
    claims: { ...claimsByScope, openid: ['sub', ...ofSignIns, ...addable], iss: null, sid: null },
    acrValues: [...assuranceLevels],
    responseTypes: protocol.settings.registration === 'open' ? dynamicResponseTypes : ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: {
      idTokenSigningAlgValues: algorithms,
      userinfoSigningAlgValues: algorithms,
      introspectionSigningAlgValues: algorithms,
      authorizationSigningAlgValues: algorithms,
      clientAuthSigningAlgValues: clientAlgorithms,
      requestObjectSigningAlgValues: clientAlgorithms,
      dPoPSigningAlgValues: proofAlgorithms,
    } as Configuration['enabledJWA'],
    features: { ...featuresOf(protocol), ...registrationOf(protocol), ...withPages },
    fetch: createOutwardFetch({
      allowPrivate: protocol.settings.allowPrivateAddresses,
      timeoutMs: fetchTimeoutMs,
      maxBodyBytes: maxFetchedBytes,
    }),
    fetchResponseBodyLimits: { jwks_uri: maxFetchedBytes, sector_identifier_uri: maxFetchedBytes },
    ttl: lifetimesOf(protocol),
    assertJwtClientAuthClaimsAndHeader: assertionRuleOf(protocol),
    pkce: { required: (_ctx, client) => needsPkce(protocol, client) },
    allowOmittingSingleRegisteredRedirectUri: false,
    // What ends with a browser's session are rows.
    expiresWithSession: async () => false,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    loadExistingGrant: (ctx) => loadGrant(protocol, ctx),
    clientBasedCORS: (_ctx, origin, client) =>
      knownClient(protocol, client.clientId).origins.includes(origin),
    findAccount: (_ctx, id) => findAccount(protocol, id),
    extraTokenClaims: async (_ctx, token) => extraClaims(protocol, token),
    interactions: { url: (_ctx, { uid }) => interactionPath(uid) },
    discovery: { ui_locales_supported: ['en', 'nb'] },
  }
}

/** Of the keys of a client, and of the list of its redirect URIs. */
const maxFetchedBytes = 64 * 1024
const fetchTimeoutMs = 2_500

function adapterOf(protocol: Protocol, kind: string) {
  switch (kind) {
    case 'Client':
      return clientAdapter(protocol)
    case 'Session':
      return sessionAdapter(protocol)
    case 'Interaction':
      return interactionAdapter(protocol)
    case 'AccessToken':
      return accessTokenAdapter(protocol)
    case 'RefreshToken':
      return refreshTokenAdapter(protocol)
    case 'Grant':
      return grantAdapter(protocol)
    case 'ReplayDetection':
      return replayAdapter(protocol, kind)
    case 'DeviceCode':
      return deviceCodeAdapter(protocol)
    default:
      return artifactAdapter(protocol, kind)
  }
}

/** No page of another site needs to send them, as nothing is read of a POST from there. */
function cookiesOf(isHttps: boolean): Configuration['cookies'] {
  const prefix = isHttps ? '__Secure-' : ''
  const options = { httpOnly: true, sameSite: 'lax', secure: isHttps, signed: false } as const
  return {
    names: {
      session: `${isHttps ? '__Host-' : ''}manydoors-openid`,
      interaction: `${prefix}manydoors-interaction`,
      resume: `${prefix}manydoors-resume`,
    },
    long: { ...options, path: '/' },
    short: options,
  }
}

function featuresOf(protocol: Protocol): Configuration['features'] {
  const { ctx } = protocol
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    claimsParameter: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: async (_ctx, client, token) => mayIntrospect(protocol, client, token),
    },
    revocation,
    userinfo: { enabled: true },
    jwtUserinfo: { enabled: true },
    backchannelLogout: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: { enabled: true, nonceSecret: ctx.secrets.steadyMac('dpop-nonce', ctx.realm.name) },
    requestObjects: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: async (_ctx, identifier, client) =>
        resourceOf(protocol, identifier, client.clientId),
      useGrantedResource: async () => true,
      defaultResource: async (_ctx, _client, oneOf) => oneOf?.[0] as string,
    },
    fapi: {
      enabled: true,
      profile: (_ctx, client) => (client && isFapi(protocol, client.clientId) ? '2.0' : undefined),
    },
  }
}

/** A client asks what its own tokens are, and one that is set up for it what all are. */
function mayIntrospect(
  protocol: Protocol,
  client: { clientId: string; clientAuthMethod?: string | undefined },
  token: { clientId?: string | undefined },
): boolean {
  if (client.clientAuthMethod === 'none') return false
  return (
    token.clientId === client.clientId ||
    openidSettingsOf(knownClient(protocol, client.clientId)).introspect === true
  )
}

/** A client that shows nothing to be who it is proves by it at least that the code is its own (RFC 9700 §2.1.1). */
function needsPkce(
  protocol: Protocol,
  { clientId, clientAuthMethod }: { clientId: string; clientAuthMethod?: string | undefined },
): boolean {
  const { pkce = 'required' } = openidSettingsOf(knownClient(protocol, clientId))
  return clientAuthMethod === 'none' || pkce === 'required'
}

/** In seconds. What hangs on a session lasts as long as that may. */
function lifetimesOf({ settings: { door } }: Protocol): Configuration['ttl'] {
  return {
    AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? door.accessLifetime,
    AuthorizationCode: minute,
    ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 10 * minute,
    DeviceCode: 10 * minute,
    // Until its code is exchanged, and beyond what a code may be shown again: then the session has it.
    Grant: hour,
    IdToken: idTokenLifetimeSeconds,
    Interaction: hour,
    RefreshToken: door.idleLifetime,
    // One of nobody holds a form of a page.
    Session: (_ctx, { accountId }) => (accountId === undefined ? hour : accountDoor.absoluteLifetime),
  }
}

async function findAccount(protocol: Protocol, id: string) {
  const { ctx } = protocol
  const account = await ctx.store.accounts.byId(id)
  if (account?.disabled_at !== null) return undefined
  return { accountId: account.id, claims: async () => ({ ...addedTo(protocol), ...claimsOf(account) }) }
}

/** What a hook has said of the session that the request is about. */
function addedTo({ ctx, current }: Protocol): TokenClaims {
  const request = current()
  const session = request?.session ?? request?.rests
  return session ? addedClaims(ctx, session) : {}
}

/** Opaque access tokens say nothing to whoever has them, and carry nothing more. */
function extraClaims(protocol: Protocol, token: AccessToken | ClientCredentials): TokenClaims | undefined {
  const { resourceServer } = token
  const isReadable = resourceServer !== undefined && resourceServer.accessTokenFormat !== 'opaque'
  return isReadable ? addedTo(protocol) : undefined
}
