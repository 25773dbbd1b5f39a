import * as client from 'openid-client'
import { type AppBrowser, authorize, type Site, type Visitor } from './browser.ts'

/** An app as the server knows it. */
export interface App {
  id: string
  redirectUri: string
  /** None for a public client. */
  secret?: string
  /** How it shows who it is, where that is not `client_secret_basic` with its secret. */
  auth?: client.ClientAuth
  metadata?: Partial<client.ClientMetadata>
}

/** An app that comes in by `openid-client`, which is certified as a relying party. */
export interface RelyingParty {
  app: App
  /** What the functions of `openid-client` take. */
  config: client.Configuration
}

/** An authorization request, with what its answer must fit. */
export interface Begun {
  url: URL
  checks: client.AuthorizationCodeGrantChecks & { pkceCodeVerifier: string; expectedState: string }
}

export type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>

/** Has an app discover the server. Everything that it asks goes through `site.request`, by the name of the issuer. */
export async function relyingParty(site: Site & { issuer: string }, app: App): Promise<RelyingParty> {
  const auth = app.auth ?? (app.secret === undefined ? client.None() : client.ClientSecretBasic(app.secret))
  const config = await client.discovery(new URL(site.issuer), app.id, app.metadata, auth, {
    execute: [client.allowInsecureRequests],
    [client.customFetch]: fetchAt(site),
  })
  return { app, config }
}

/** `fetch` for an app that knows the server by its issuer. Throws for every other address. */
function fetchAt(site: Site & { issuer: string }): client.CustomFetch {
  return async (url, { method, headers, body }) => {
    const { origin, host, pathname, search } = new URL(url)
    if (origin !== new URL(site.issuer).origin) throw new Error(`${url} is not at the issuer`)
    const raw = body === undefined || body === null ? undefined : String(body)
    const { 'content-length': _, ...sent } = Object.fromEntries(new Headers(headers))
    const answer = await site.request(method, `${pathname}${search}`, { raw, headers: { ...sent, host } })
    const isEmpty = answer.status === 204 || answer.status === 304
    return new Response(isEmpty ? null : answer.text, { status: answer.status, headers: answer.headers })
  }
}

/** A request for a code with PKCE, state and nonce, and with these parameters over its own. */
export async function beginSignIn(
  { app, config }: RelyingParty,
  parameters: Record<string, string> = {},
): Promise<Begun> {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: app.redirectUri,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    ...parameters,
  })
  return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } }
}

/** The tokens for what the app was called back with; everything that the certified library checks is checked. */
export function finishSignIn(
  { config }: RelyingParty,
  callback: URL,
  { checks }: Pick<Begun, 'checks'>,
): Promise<Tokens> {
  return client.authorizationCodeGrant(config, callback, checks)
}

/** Signs somebody in to the app, in that browser. */
export async function signIn(
  party: RelyingParty,
  browser: AppBrowser,
  visitor: Visitor,
  parameters: Record<string, string> = {},
): Promise<Tokens> {
  const begun = await beginSignIn(party, parameters)
  return finishSignIn(party, await authorize(browser, begun.url, visitor), begun)
}
