import type { Adapter, AdapterPayload } from 'oidc-provider'
import { isRefusal } from '../../core/errors.ts'
import { readAccessToken } from '../../core/openid/access-tokens.ts'
import { openidDoor } from '../../core/openid/door.ts'
import { readFacts } from '../../core/openid/session-facts.ts'
import { putBack, refreshSession } from '../../core/sessions/refresh.ts'
import { endSession } from '../../core/sessions/sessions.ts'
import { namedByRefreshToken, readRefreshToken } from '../../core/sessions/tokens.ts'
import type { SessionRow } from '../../store/schema.ts'
import { atClient, clientOf, libraryTime, type Protocol } from '../protocol.ts'

/** What a token whose value says everything has no use for. */
const notStored = {
  upsert: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
}

/**
 * Refresh tokens: the core's, which it computes from the session of the app. Using one is the core's one statement, with
 * its grace and its rule on theft (RFC 9700 §4.14.2).
 */
export function refreshTokenAdapter(protocol: Protocol): Adapter {
  const { ctx, current } = protocol
  return {
    ...notStored,

    find: async (token) => {
      const id = namedByRefreshToken(token)
      if (id === undefined) return undefined
      const session = await ctx.store.sessions.liveById(id, openidDoor.dialect, ctx.now())
      const client = session && clientOf(protocol, session.client_id)
      const proof = client && readRefreshToken(atClient(protocol, client), token)
      const request = current()
      if (!proof || !request) return undefined
      request.shown = { client, proof }
      request.rests = session
      return { ...payloadOf(protocol, session, 'RefreshToken'), jti: token }
    },

    consume: async () => {
      const request = current()
      if (!request?.shown) throw protocol.invalidGrant('refresh token not found')
      const { client, proof } = request.shown
      const atDoor = atClient(protocol, client)
      const begunAt = ctx.now()
      try {
        const session = await refreshSession(atDoor, proof)
        request.session = session
        // The successor that somebody else was given stays.
        if (session.rotated_at >= begunAt) request.putBack = () => putBack(atDoor, session)
      } catch (error) {
        throw isRefusal(error, 'refresh_invalid') ? protocol.invalidGrant('refresh token is not good') : error
      }
    },

    destroy: (token) => endById(protocol, namedByRefreshToken(token)),
    revokeByGrantId: (grantId) => endByGrant(protocol, grantId),
  }
}

/** Access tokens that the core seals, good while the session of the app lives. */
export function accessTokenAdapter(protocol: Protocol): Adapter {
  return {
    ...notStored,

    find: async (token) => {
      const read = await readAccessToken(protocol.ctx, token)
      // Whose client is gone is good for nothing, though its session may not have ended.
      if (!read || !clientOf(protocol, read.session.client_id)) return undefined
      const request = protocol.current()
      if (request) request.rests = read.session
      return { ...payloadOf(protocol, read.session, 'AccessToken'), ...read.payload }
    },

    consume: async () => undefined,
    // The id of a token begins with that of its session.
    destroy: (id) => endById(protocol, id.split('.', 1)[0]),
    // Of an app that gets no refresh tokens the library revokes these alone.
    revokeByGrantId: (grantId) => endByGrant(protocol, grantId),
  }
}

/** What every token of a session says, as the library reads it. */
function payloadOf(
  protocol: Protocol,
  session: SessionRow,
  kind: 'RefreshToken' | 'AccessToken',
): AdapterPayload {
  const { resource, jkt, gty, grant: _grant, ...facts } = readFacts(session)
  const common = {
    kind,
    accountId: session.account_id,
    clientId: session.client_id,
    grantId: session.grant_id ?? undefined,
    ...facts,
    claims: facts.claims as AdapterPayload['claims'],
    gty,
  }
  if (kind === 'AccessToken') return common
  return {
    ...common,
    resource,
    jkt,
    iat: libraryTime(protocol, session.rotated_at),
    iiat: libraryTime(protocol, session.created_at),
    exp: libraryTime(protocol, session.idle_expires_at),
  }
}

async function endById({ ctx }: Protocol, id: string | undefined): Promise<void> {
  const session = id === undefined ? undefined : await ctx.store.sessions.byId(id)
  if (session?.dialect === openidDoor.dialect) await endSession(ctx, session, 'revoked')
}

async function endByGrant({ ctx }: Protocol, grantId: string): Promise<void> {
  for (const session of await ctx.store.sessions.liveByGrant(grantId, ctx.now()))
    await endSession(ctx, session, 'grant_revoked')
}
