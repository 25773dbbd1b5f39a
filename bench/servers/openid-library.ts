import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import Provider, { type Configuration, type JWK, type KoaContextWithOIDC } from 'oidc-provider'
import { benchClients, paths, redirectUri } from '../openid/clients.ts'
import { adapters } from './openid-library-store.ts'

// The library alone, as its documentation sets it up: its own tables in a database, opaque access tokens, refresh tokens
// that rotate. Whoever comes with a login hint is signed in as that person, and has allowed everything.
const { PEER_DATABASE: path = '', PEER_POSTGRES: postgres } = process.env

const privateJwk = ({ privateKey }: { privateKey: KeyObject }, alg: string): JWK => ({
  ...(privateKey.export({ format: 'jwk' }) as JWK),
  alg,
  use: 'sig',
  kid: randomUUID(),
})

/** The grant that the browser has for the client; a new one of everything at its first visit. */
async function loadExistingGrant({ oidc }: KoaContextWithOIDC) {
  const { session, client, provider } = oidc
  const [clientId = '', accountId] = [client?.clientId, session?.accountId]
  const known = session?.grantIdFor(clientId)
  if (known) return provider.Grant.find(known)
  const grant = new provider.Grant({ clientId, accountId })
  grant.addOIDCScope('openid offline_access profile email')
  await grant.save()
  return grant
}

const configuration: Configuration = {
  adapter: await adapters({ path, postgres }),
  clients: benchClients.map(({ id, secret, idTokenAlgorithm }) => ({
    client_id: id,
    client_secret: secret,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: idTokenAlgorithm,
  })),
  jwks: {
    keys: [
      privateJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ES256'),
      privateJwk(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'RS256'),
    ],
  },
  cookies: { keys: ['of the benchmark, and of nothing else'] },
  routes: {
    authorization: paths.authorize,
    token: paths.token,
    userinfo: paths.userinfo,
    introspection: paths.introspect,
  },
  claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    userinfo: { enabled: true },
  },
  findAccount: (_ctx, accountId) => ({
    accountId,
    claims: () => ({
      sub: accountId,
      name: accountId,
      email: `${accountId}@bench.example`,
      email_verified: true,
    }),
  }),
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  loadExistingGrant,
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: () => false,
  rotateRefreshToken: true,
  pkce: { required: () => true },
  ttl: {
    AccessToken: 300,
    AuthorizationCode: 60,
    Grant: 30 * 86_400,
    IdToken: 300,
    Interaction: 600,
    RefreshToken: 30 * 86_400,
    Session: 14 * 86_400,
  },
}

const provider = new Provider('http://localhost:5000', configuration)
const answer = provider.callback()

async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response)
  await provider.interactionFinished(request, response, { login: { accountId: String(params.login_hint) } })
}

const server = createServer((request, response) => {
  if (!request.url?.startsWith('/interaction/')) return void answer(request, response)
  interact(request, response).catch(() => response.writeHead(500).end())
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))
process.on('disconnect', () => process.exit(0))
