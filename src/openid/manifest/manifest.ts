import { z } from 'zod'
import { defineManifest } from '../../config/dialect-manifest.ts'
import { doorSettings, duration, oneOf, yesOrNo } from '../../config/setting-types.ts'
import { unambiguous } from '../../core/keys/random-text.ts'
import { openidDoor } from '../../core/openid/door.ts'
import { endpoint, redirectUri, resourceIdentifier } from './addresses.ts'
import { findClientProblems, findProductionProblems } from './client-rules.ts'
import { publicKeys } from './public-keys.ts'

const scopeRule = 'must be a scope, such as orders:read'
/** A scope token of RFC 6749 §3.3. */
const scope = z.string(scopeRule).regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, scopeRule)

/** They have a meaning of their own, and no API gives them another one. */
export const scopesOfPeople = ['openid', 'offline_access', 'profile', 'email', 'phone', 'address']
const ofPeople = `must not be one of ${scopesOfPeople.join(', ')}`

const resource = z.strictObject(
  {
    identifier: resourceIdentifier.describe('What clients name as `resource`, and tokens as `aud`'),
    scopes: z
      .array(
        scope.refine((name) => !scopesOfPeople.includes(name), ofPeople),
        'must be a list of scopes',
      )
      .optional()
      .describe('What may be asked for there'),
    format: oneOf(['jwt', 'opaque'])
      .optional()
      .describe(
        'Whether the API checks the signature of access tokens (jwt) or asks the introspection endpoint (jwt)',
      ),
    accessLifetime: duration({ min: '1m', max: '24h' })
      .optional()
      .describe('How long an access token is good there (5m)'),
    algorithm: oneOf(['ES256', 'RS256']).optional().describe('How its access tokens are signed (ES256)'),
  },
  'must be a section of settings',
)

/** What operators may set. */
export const openidSettings = z.strictObject({
  ...doorSettings(openidDoor),
  registration: oneOf(['off', 'token', 'open'])
    .optional()
    .describe(
      'Who may register clients by RFC 7591: nobody, whoever has an initial access token, or anybody (off)',
    ),
  resources: z
    .array(resource, 'must be a list of resources')
    .optional()
    .describe('APIs that access tokens are good at (RFC 8707)'),
  allowPrivateAddresses: yesOrNo()
    .optional()
    .describe('Whether requests to apps may go to private addresses (true in development)'),
})

/** What operators may set of a client. */
const clientSettings = z.strictObject({
  firstParty: yesOrNo().optional().describe('An app of the house: nobody is asked what it may do (true)'),
  native: yesOrNo()
    .optional()
    .describe("An app on a person's own machine, whose loopback redirects may have any port (false)"),
  authMethod: oneOf(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
    .optional()
    .describe('How it shows who it is at the token endpoint; none for a public client (client_secret_basic)'),
  jwks: publicKeys.optional().describe('Its public keys (RFC 7517), for private_key_jwt'),
  jwksUri: endpoint.optional().describe('Where its public keys are'),
  grants: z
    .array(
      oneOf(['authorization_code', 'refresh_token', 'client_credentials', 'device_code']),
      'must be a list of grants',
    )
    .min(1, 'must have a grant')
    .optional()
    .describe('How it gets tokens (authorization_code and refresh_token)'),
  scopes: z.array(scope, 'must be a list of scopes').optional().describe('What it may ask for (everything)'),
  idTokenAlgorithm: oneOf(['RS256', 'ES256']).optional().describe('How its ID tokens are signed (RS256)'),
  postLogoutRedirectUris: z
    .array(redirectUri, 'must be a list of addresses')
    .optional()
    .describe('Where a person may be sent after a logout, compared exactly'),
  backchannelLogoutUri: endpoint.optional().describe('Where it is told that a session has ended'),
  pkce: oneOf(['required', 'optional'])
    .optional()
    .describe('Whether it must use PKCE; optional for clients with credentials alone (required)'),
  par: yesOrNo().optional().describe('Whether its authorization requests must be pushed, RFC 9126 (false)'),
  dpop: yesOrNo().optional().describe('Whether its tokens are bound to its key, RFC 9449 (false)'),
  fapi: yesOrNo()
    .optional()
    .describe('Held to the FAPI 2.0 security profile: par, dpop and private_key_jwt (false)'),
  introspect: yesOrNo()
    .optional()
    .describe('Whether it may ask what tokens of other clients are, RFC 7662 (false)'),
})

/** How the ids of clients are made, whoever registers them. */
export const clientIds = { alphabet: unambiguous, length: 24 }

/** OpenID Connect, as far as configuration and commands know it. It has no client that stands for all apps. */
export const openidManifest = defineManifest({
  door: openidDoor,
  settings: openidSettings,
  clientSettings,
  clientIds,
  redirectUri,
  findClientProblems,
  findProductionProblems,
  prefixes: ['/oidc'],
  clients: [],
  demoClients: [],
})
