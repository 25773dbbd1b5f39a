import type { Provider } from 'oidc-provider'
import { checkClientSecret } from '../core/clients/client-secret.ts'
import { isRefusal } from '../core/errors.ts'
import { sealAccessToken } from '../core/openid/access-tokens.ts'
import { openAppSession } from '../core/openid/app-sessions.ts'
import type { OpenidSessionFacts } from '../core/openid/session-facts.ts'
import { issueRefreshToken } from '../core/sessions/tokens.ts'
import type { SessionRow } from '../store/schema.ts'
import { atClient, knownClient, type Protocol } from './protocol.ts'

/** What the library would store of a token or compare of a client, the core computes: its value, and no payload. */
type Issued = Promise<{ value: string; payload?: undefined }>

/** The models of the library whose methods are replaced, with what these use of them. */
interface Models {
  AccessToken: { prototype: { getValueAndPayload(this: LibraryToken): Issued } }
  RefreshToken: { prototype: { getValueAndPayload(this: LibraryToken): Issued } }
  Client: {
    prototype: {
      compareClientSecret(this: { clientId: string }, secret: string): unknown
      backchannelLogout(): Promise<void>
    }
  }
}

interface LibraryToken {
  accountId: string
  clientId: string
  grantId: string
  gty?: string
  scope?: string
  aud?: string | string[]
  sid?: string
  claims?: object
  jkt?: string
  extra?: object
  exp?: number
  jti: string
  expiration: number
  resourceServer?: { accessTokenFormat?: string }
}

/** The grants of a request to the token endpoint, by the names that the library gives them. */
interface LibraryRequest {
  entities: {
    AuthorizationCode?: LibraryCode
    DeviceCode?: LibraryCode
    Grant?: { openid?: object; resources?: object; rejected?: object }
    Client?: { clientAuthMethod?: string; grantTypes?: string[] }
    /** The library's session of the browser, where a token is answered without a code. */
    Session?: { acr?: string; amr?: string[]; loginTs?: number }
  }
}

type LibraryCode = Omit<OpenidSessionFacts, 'scope'> & { scope?: string }

/**
 * Replaces the methods by which the library would keep secrets: nowhere else is any of it changed. `compareClientSecret`
 * may be asynchronous, `getValueAndPayload` without a payload stores nothing, as with the library's own JWTs.
 */
export function replaceMethods(
  provider: Provider,
  protocol: Protocol,
  requestNow: () => LibraryRequest,
): void {
  const { AccessToken, RefreshToken, Client } = provider as unknown as Models
  const asJwt = AccessToken.prototype.getValueAndPayload

  // It would tell clients once, and of a logout alone: `tellEnds` does, of whatever ends their sessions.
  Client.prototype.backchannelLogout = async () => {}

  AccessToken.prototype.getValueAndPayload = async function (this: LibraryToken) {
    const session = await sessionOf(protocol, this, requestNow())
    if (this.resourceServer && this.resourceServer.accessTokenFormat !== 'opaque') return asJwt.call(this)
    const iat = Math.floor(protocol.machineNow() / 1000)
    const { scope, aud, claims, jkt, gty, extra, expiration } = this
    const jti = `${session.id}.${protocol.ctx.randomBytes(9).toString('base64url')}`
    const payload = { jti, iat, exp: this.exp ?? iat + expiration, scope, aud, claims, jkt, gty, extra }
    return { value: sealAccessToken(protocol.ctx, session.id, payload) }
  }

  RefreshToken.prototype.getValueAndPayload = async function (this: LibraryToken) {
    const session = await sessionOf(protocol, this, requestNow())
    return { value: issueRefreshToken(atClient(protocol, knownClient(protocol, this.clientId)), session) }
  }

  Client.prototype.compareClientSecret = function (this: { clientId: string }, secret: string) {
    return checkClientSecret(protocol.ctx, { dialect: protocol.ctx.door.dialect, id: this.clientId }, secret)
  }
}

/** What a token rests on that the browser itself brings to the app (OpenID Connect Core §3.2). */
function implicitGrant(
  { gty, scope, sid, claims }: LibraryToken,
  { Session: session }: LibraryRequest['entities'],
): LibraryCode | undefined {
  if (gty !== 'implicit' || !session) return undefined
  const { acr, amr, loginTs } = session
  const known = { scope, sid, claims, acr, amr, authTime: loginTs }
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined))
}

/** The session of the app that the tokens of a request hang on: refreshed, or opened with the first of them. */
async function sessionOf(
  protocol: Protocol,
  token: LibraryToken,
  { entities }: LibraryRequest,
): Promise<SessionRow> {
  const request = protocol.current()
  if (!request) throw new Error('a token is made outside of a request')
  if (request.session) return request.session
  const code = entities.AuthorizationCode ?? entities.DeviceCode ?? implicitGrant(token, entities)
  if (!code) throw new Error('a token is made without a grant')
  const browserSessionId =
    token.gty === 'implicit' ? (await request.browser())?.session.id : request.codeSessionId
  const scope = code.scope ?? ''
  const isPublic = entities.Client?.clientAuthMethod === 'none'
  const { sid, acr, amr, authTime, claims, resource } = code
  const { openid, resources, rejected } = entities.Grant ?? {}
  const grant = { openid, resources, rejected }
  const facts = { scope, sid, acr, amr, authTime, claims, resource, gty: token.gty, grant }
  request.session = await openAppSession(atClient(protocol, knownClient(protocol, token.clientId)), {
    accountId: token.accountId,
    grantId: token.grantId,
    // A public client's refresh tokens are bound to its key, as it has nothing else to show (RFC 9449 §5).
    facts: { ...facts, ...(isPublic && { jkt: token.jkt }) },
    browserSessionId,
    isOffline: scope.split(' ').includes('offline_access'),
    isRefreshable: entities.Client?.grantTypes?.includes('refresh_token') ?? false,
  }).catch((error) => {
    if (isRefusal(error, 'access_invalid')) throw protocol.invalidGrant('the sign-in has ended')
    if (isRefusal(error, 'access_denied') || isRefusal(error, 'email_unverified'))
      throw protocol.invalidGrant('the sign-in was refused')
    throw error
  })
  return request.session
}
