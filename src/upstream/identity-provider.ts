import type * as Library from 'openid-client'
import { foldEmail, readEmail } from '../core/accounts/emails.ts'
import { AuthError } from '../core/errors.ts'
import type { AttemptSecrets, Identity, IdentityProvider } from '../core/identities/provider.ts'
import type { IdentityProviderSettings } from '../core/identities/settings.ts'
import type { Log } from '../core/log.ts'
import { isSeen } from '../lib/unseen.ts'
import { appleSecret } from './apple-secret.ts'
import { createBreaker } from './breaker.ts'
import type { LineSettings } from './line.ts'
import { failureOf, unusable } from './provider-failure.ts'
import { createProviderFetch } from './provider-fetch.ts'

const timeoutSeconds = 5
/** How long a discovery document is believed; while a newer one cannot be had, it is believed on. */
const freshMs = 60 * 60_000
/** In characters; OpenID Connect has no more (Core §2). */
const maxSubjectLength = 255
const maxNameLength = 100

export interface ProviderMeans extends Pick<LineSettings, 'resolve' | 'ca'> {
  log: Log
  /** Epoch milliseconds. */
  now(): number
  /** Milliseconds that only go forward: `performance.now`. */
  ticks(): number
}

/** A provider that is open: it asks for its discovery document when somebody first signs in with it. */
export type OpenProvider = IdentityProvider & { close(): void }

/**
 * A provider of OpenID Connect, through openid-client: authorization code with PKCE (S256), `state`, `nonce`, the `iss` of
 * the answer (RFC 9207), and an ID token whose signature is checked, too. Left alone for a while when it fails.
 */
export function openIdentityProvider(settings: IdentityProviderSettings, means: ProviderMeans): OpenProvider {
  const { id, name, scopes, parameters } = settings
  const breaker = createBreaker(means.ticks)
  const { allowPrivate } = settings
  const { fetch, close } = createProviderFetch(settings.issuer, { ...means, allowPrivate, breaker })
  const configuration = cached(means.ticks, async () =>
    discover(await import('openid-client'), settings, { fetch, now: means.now }),
  )

  const inOurWords = async <T>(ask: () => Promise<T>): Promise<T> => {
    // Nobody is sent there to find out on the way back.
    if (breaker.state() === 'open') throw new AuthError('unavailable')
    try {
      return await ask()
    } catch (error) {
      const { code, why } = failureOf(error)
      if (code !== 'identity_declined')
        means.log.warn({ provider: id, why }, 'sign-in with a provider failed')
      throw new AuthError(code)
    }
  }

  return {
    id,
    name,
    close,
    begin: ({ state, nonce, codeVerifier, redirectUri }) =>
      inOurWords(async () => {
        const library = await import('openid-client')
        return library.buildAuthorizationUrl(await configuration(), {
          ...parameters,
          redirect_uri: redirectUri,
          scope: scopes.join(' '),
          state,
          nonce,
          code_challenge: await library.calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: 'S256',
        }).href
      }),
    finish: (secrets, query) =>
      inOurWords(async () => {
        const library = await import('openid-client')
        return readIdentity(
          settings,
          await claimsOf(library, await configuration(), { secrets, query, scopes }),
        )
      }),
  }
}

/** The value, made anew when it has been kept for an hour; while that fails, the one before serves. */
function cached<T>(ticks: () => number, make: () => Promise<T>): () => Promise<T> {
  let known: { value: T; at: number } | undefined
  let making: Promise<T> | undefined
  const renew = async () => {
    const value = await make()
    known = { value, at: ticks() }
    return value
  }
  return async () => {
    if (known && ticks() - known.at < freshMs) return known.value
    making ??= renew().finally(() => {
      making = undefined
    })
    return known ? making.catch(() => known?.value ?? make()) : making
  }
}

/** The provider as its discovery document describes it. Whatever is wrong with that is nothing of the person's doing. */
async function discover(
  library: typeof Library,
  { issuer, clientId, credentials }: IdentityProviderSettings,
  { fetch, now }: { fetch: Library.CustomFetch; now(): number },
): Promise<Library.Configuration> {
  const authenticate: Library.ClientAuth = (server, client, ...request) => {
    if (credentials.kind === 'none') return library.None()(server, client, ...request)
    if (credentials.kind === 'apple') {
      const secret = appleSecret(credentials, { clientId, audience: server.issuer, now: now() })
      return library.ClientSecretPost(secret)(server, client, ...request)
    }
    // Basic is what a provider takes that does not say (OpenID Connect Discovery §3).
    const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const isBasic = ways.includes('client_secret_basic')
    const way = isBasic ? library.ClientSecretBasic : library.ClientSecretPost
    return way(credentials.secret)(server, client, ...request)
  }
  const isInsecure = issuer.startsWith('http:')
  const discovery = library.discovery(new URL(issuer), clientId, undefined, authenticate, {
    [library.customFetch]: fetch,
    timeout: timeoutSeconds,
    execute: [library.enableNonRepudiationChecks, ...(isInsecure ? [library.allowInsecureRequests] : [])],
  })
  return discovery.catch((error) => {
    throw unusable(error)
  })
}

type Claims = Record<string, unknown> & { sub: string }

/** What the ID token of an answer says, and the user information of what it does not say. */
async function claimsOf(
  library: typeof Library,
  configuration: Library.Configuration,
  { secrets, query, scopes }: { secrets: AttemptSecrets; query: string; scopes: string[] },
): Promise<Claims> {
  const answer = new URL(`${secrets.redirectUri}?${query}`)
  const tokens = await library.authorizationCodeGrant(configuration, answer, {
    expectedState: secrets.state,
    expectedNonce: secrets.nonce,
    pkceCodeVerifier: secrets.codeVerifier,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  if (!claims) throw new AuthError('identity_refused')
  const hasMore = configuration.serverMetadata().userinfo_endpoint !== undefined
  if (claims.email !== undefined || !scopes.includes('email') || !hasMore) return claims
  const more = await library.fetchUserInfo(configuration, tokens.access_token, claims.sub)
  return { ...more, ...claims }
}

function readIdentity({ emailProof }: IdentityProviderSettings, claims: Claims): Identity {
  const { sub: subject, email, name, auth_time: authenticatedAt } = claims
  if (subject === '' || subject.length > maxSubjectLength) throw new AuthError('identity_refused')
  const address = typeof email === 'string' && readEmail(email) !== undefined ? foldEmail(email) : undefined
  return {
    subject,
    ...(address !== undefined && { email: address }),
    isEmailProven: emailProof !== undefined && isTrue(claims[emailProof]),
    ...(isName(name) && { name }),
    ...(typeof authenticatedAt === 'number' && { authenticatedAt: authenticatedAt * 1000 }),
  }
}

/** Apple says it as text, and Microsoft as a number. */
function isTrue(claim: unknown): boolean {
  return claim === true || claim === 'true' || claim === 1 || claim === '1'
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && isSeen(name) && name.length <= maxNameLength && !/\p{Cc}/u.test(name)
}
