import { readBase64url } from '../../lib/base64url.ts'
import { uuidBytes, uuidOf } from '../../lib/uuid-bytes.ts'
import type { SessionRow } from '../../store/schema.ts'
import type { Context } from '../context.ts'
import { addedClaims } from '../hooks/added-claims.ts'
import { noteSession } from '../limits/note-refusal.ts'
import { provenByOldAccess } from '../switching/tokens/access.ts'
import { type Claims, readUnverified } from './jwt.ts'
import type { AccessClaims, SessionProof } from './proofs.ts'

export interface Tokens {
  accessToken: string
  refreshToken: string
  /** Epoch milliseconds, whole seconds. */
  issuedAt: number
  accessExpiresAt: number
  refreshExpiresAt: number
}

/**
 * The tokens of a session as it stands: the same refresh token for the same generation. `said` is what the access token
 * says of the person (`personClaims`).
 */
export function issueTokens(ctx: Context, session: SessionRow, said: Claims): Tokens {
  const issuedAt = seconds(ctx.now())
  const expiresAt = Math.min(issuedAt + ctx.door.accessLifetime, seconds(session.absolute_expires_at))
  return {
    accessToken: signAccessToken(ctx, session, said, { issuedAt, expiresAt }),
    refreshToken: issueRefreshToken(ctx, session),
    issuedAt: issuedAt * 1000,
    accessExpiresAt: expiresAt * 1000,
    refreshExpiresAt: seconds(session.idle_expires_at) * 1000,
  }
}

/** The refresh token of a session as it stands: the same for the same generation. */
export function issueRefreshToken(ctx: Context, session: SessionRow): string {
  return ctx.door.refreshToken === 'jwt' ? refreshJwt(ctx, session) : opaqueRefreshToken(ctx, session)
}

/** RFC 9068. `gen` is the refresh generation, so that the token can stand for it where a dialect wants that. */
function signAccessToken(
  ctx: Context,
  session: SessionRow,
  said: Claims,
  { issuedAt, expiresAt }: { issuedAt: number; expiresAt: number },
): string {
  return ctx.keys.sign({
    // First, so that what the token says of itself stands.
    ...addedClaims(ctx, session),
    ...said,
    ...issuerAndAudience(ctx),
    sub: session.account_id,
    client_id: session.client_id,
    azp: session.client_id,
    sid: session.id,
    gen: session.generation,
    jti: ctx.randomBytes(16).toString('base64url'),
    iat: issuedAt,
    exp: expiresAt,
  })
}

/** Where an access token of the door is from, and for whom; no two doors have both alike. */
function issuerAndAudience({ publicUrl, door: { dialect, accessToken } }: Context): {
  iss: string
  aud: string
} {
  return accessToken
    ? { iss: `${publicUrl}${accessToken.issuerPath}`, aud: accessToken.audience }
    : { iss: publicUrl, aud: dialect }
}

/** What an access token of this door says, expired or not; `undefined` for any other token. */
function readAccessToken(ctx: Context, token: string): AccessClaims | undefined {
  const claims = ctx.keys.verify(token)
  const { iss, aud } = issuerAndAudience(ctx)
  if (claims?.iss !== iss || claims.aud !== aud) return undefined
  return {
    sessionId: claims.sid as string,
    generation: claims.gen as number,
    clientId: claims.client_id as string,
    expiresAt: (claims.exp as number) * 1000,
  }
}

/** What an access token of this door says, also when another node has signed it with a key that this one lacks yet. */
export async function learnAccessToken(ctx: Context, token: string): Promise<AccessClaims | undefined> {
  const claims = readAccessToken(ctx, token)
  return claims ?? ((await ctx.keys.learn(token)) ? readAccessToken(ctx, token) : undefined)
}

/**
 * What an access token proves, expired or not, of this door and, where the door binds clients, of this client. Those of the
 * server that was here before prove something while they are good. Throws `unavailable` where that cannot be known.
 */
export async function provenByAccess(
  ctx: Context,
  token: string | undefined,
): Promise<AccessClaims | undefined> {
  if (token === undefined) return undefined
  const claims = (await learnAccessToken(ctx, token)) ?? (await provenByOldAccess(ctx, token))
  if (!claims || !ctx.door.bindsClient || claims.clientId === ctx.client.id) return claims
  noteSession(ctx, { detail: 'client_foreign', sessionId: claims.sessionId })
  return undefined
}

/** The session that an access token of a retired key names: unverified, so good for nothing but a comparison. */
export function sessionOfRetired(ctx: Context, token: string): string | undefined {
  const sid = ctx.keys.namesAnother(token) ? readUnverified(token)?.sid : undefined
  return typeof sid === 'string' ? sid : undefined
}

/** What a refresh token of this door proves, expired or not; `undefined` for any other token. */
export function readRefreshToken(ctx: Context, token: string): SessionProof | undefined {
  return ctx.door.refreshToken === 'jwt' ? readRefreshJwt(ctx, token) : readOpaqueRefreshToken(ctx, token)
}

/** Made of what the session row says and nothing else, so a repeated answer is the same to the letter. */
function refreshJwt(ctx: Context, session: SessionRow): string {
  const claims = {
    iss: ctx.publicUrl,
    aud: `${ctx.realm.name}/${session.dialect}`,
    sub: session.account_id,
    azp: session.client_id,
    sid: session.id,
    gen: session.generation,
    iat: seconds(session.rotated_at),
    exp: seconds(session.idle_expires_at),
  }
  return ctx.secrets.signRefreshJwt(claims, masterKeyIdOf(ctx, session))
}

function readRefreshJwt(ctx: Context, token: string): SessionProof | undefined {
  const { claims, keyId: masterKeyId } = ctx.secrets.verifyRefreshJwt(token) ?? {}
  if (claims?.iss !== ctx.publicUrl || claims.aud !== `${ctx.realm.name}/${ctx.door.dialect}`)
    return undefined
  if (ctx.door.bindsClient && claims.azp !== ctx.client.id) return undefined
  return { sessionId: claims.sid as string, generation: claims.gen as number, masterKeyId }
}

const version = 1
const idBytes = 16
const bodyBytes = 1 + idBytes + 4
const macBytes = 32

/**
 * base64url(version ‖ session id ‖ generation ‖ HMAC-SHA256 over realm, dialect and the three). Where the door binds
 * clients, the HMAC covers the client too, so that a token proves nothing at another one.
 */
function opaqueRefreshToken(ctx: Context, session: SessionRow): string {
  const body = Buffer.alloc(bodyBytes)
  body.writeUInt8(version, 0)
  uuidBytes(session.id).copy(body, 1)
  body.writeUInt32BE(session.generation, 1 + idBytes)
  const mac = ctx.secrets.mac(
    'refresh-token',
    macInput(ctx, session.client_id, body),
    masterKeyIdOf(ctx, session),
  )
  return Buffer.concat([body, mac]).toString('base64url')
}

/** The session that an opaque refresh token names, which proves nothing yet: whoever has it may have made it up. */
export function namedByRefreshToken(token: string): string | undefined {
  const bytes = readBase64url(token)
  const isOurs = bytes?.length === bodyBytes + macBytes && bytes[0] === version
  return isOurs ? uuidOf(bytes.subarray(1, 1 + idBytes)) : undefined
}

/** Whether a text has the form of an opaque refresh token, which proves nothing. */
export function isRefreshTokenShaped(text: string): boolean {
  return namedByRefreshToken(text) !== undefined
}

function readOpaqueRefreshToken(ctx: Context, token: string): SessionProof | undefined {
  const bytes = readBase64url(token)
  if (bytes?.length !== bodyBytes + macBytes || bytes[0] !== version) return undefined
  const body = bytes.subarray(0, bodyBytes)
  const mac = bytes.subarray(bodyBytes)
  const masterKeyId = ctx.secrets.verifyMac('refresh-token', macInput(ctx, ctx.client.id, body), mac)
  if (masterKeyId === undefined) return undefined
  return {
    sessionId: uuidOf(body.subarray(1, 1 + idBytes)),
    generation: body.readUInt32BE(1 + idBytes),
    masterKeyId,
  }
}

/** A token that never changes stays under the master key that it was made under, to the letter. */
function masterKeyIdOf({ door }: Context, session: SessionRow): string | undefined {
  return door.rotation === 'static' ? session.master_key_id : undefined
}

function macInput({ realm, door }: Context, clientId: string, body: Buffer): Buffer {
  const names = [realm.name, door.dialect, ...(door.bindsClient ? [clientId] : [])]
  return Buffer.concat([Buffer.from(`${names.join('\0')}\0`), body])
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
