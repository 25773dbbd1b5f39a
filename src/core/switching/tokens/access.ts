import type { LegacySessionRow } from '../../../store/schema.ts'
import type { NewSession } from '../../../store/tables/sessions/sessions.ts'
import { recordEvent } from '../../audit/audit.ts'
import { type Context, stopClock, transaction } from '../../context.ts'
import type { AccessClaims } from '../../sessions/proofs.ts'
import { isForAccess, type OldClaims, readOldClaims } from './claims.ts'
import { accountIdOf, lockOwner, oldTokensNow, reaching } from './old-account.ts'
import { signedPart } from './signature.ts'
import { sessionIdOf, tokenHash } from './token-hash.ts'

/**
 * What an access token of the old server proves here; `undefined` for any other token. Its first use opens a session that
 * has no refresh token and ends with it; of many at once one opens it. Throws `unavailable` while the keys of the old
 * server cannot be had.
 */
export async function provenByOldAccess(ctx: Context, token: string): Promise<AccessClaims | undefined> {
  const old = oldTokensNow(ctx)
  const claims = old && (await reaching(old.verify(token)))
  const said = claims && readOldClaims(claims, old, ctx.now())
  if (!said || !isForAccess(claims, said, old)) return undefined
  const text = signedPart(token)
  const known = await knownSession(ctx, text)
  if (known) return provenBy(ctx, known)
  const accountId = await accountIdOf(ctx, old, said.subject)
  if (accountId === undefined) return undefined
  const opened = await openFor(ctx, text, {
    ...said,
    accountId,
    expiresAt: Math.min(said.expiresAt, old.until),
  })
  return opened && provenBy(ctx, opened)
}

function knownSession(ctx: Context, text: string): Promise<LegacySessionRow | undefined> {
  return ctx.store.legacySessions.find([ctx.door.dialect], [tokenHash(text)])
}

function provenBy(ctx: Context, row: LegacySessionRow): AccessClaims | undefined {
  const { session_id: sessionId, client_id: clientId } = row
  if (sessionId === null || clientId === null) return undefined
  if (ctx.door.bindsClient && clientId !== ctx.client.id) return undefined
  // Of no generation that a refresh token could have.
  return { sessionId, generation: 0, clientId, expiresAt: row.expires_at }
}

/** Opens the session that a token stands for, once. */
function openFor(
  ctx: Context,
  text: string,
  said: OldClaims & { accountId: string },
): Promise<LegacySessionRow | undefined> {
  const { accountId, issuedAt, expiresAt } = said
  return transaction(stopClock(ctx), async (ctx) => {
    if (!(await lockOwner(ctx, said))) return undefined
    const session_id = sessionIdOf(ctx, text, issuedAt)
    const now = ctx.now()
    const row = {
      source: ctx.door.dialect,
      hash: tokenHash(text),
      account_id: accountId,
      session_id,
      client_id: ctx.client.id,
      created_at: now,
      expires_at: expiresAt,
      consumed_at: now,
    }
    const isFirst = (await ctx.store.legacySessions.add([row])) === 1
    if (!isFirst) return knownSession(ctx, text)
    const session = await ctx.store.sessions.create(sessionOf(ctx, session_id, said))
    await ctx.store.sessions.endBeyond(session, ctx.door.maxSessions, now)
    await recordEvent(ctx, 'sign_in', { accountId, sessionId: session.id, detail: 'old_token' })
    return { ...row, realm: ctx.realm.name }
  })
}

/** It began when the token was made: nothing that wants a recent sign-in takes it for one. */
function sessionOf(
  { client, door, origin, secrets, now }: Context,
  id: string,
  { accountId, issuedAt, expiresAt }: OldClaims & { accountId: string },
): NewSession {
  const { ip, userAgent, device } = origin
  return {
    id,
    account_id: accountId,
    client_id: client.id,
    dialect: door.dialect,
    generation: 1,
    rotated_at: issuedAt,
    created_at: issuedAt,
    last_used_at: now(),
    idle_expires_at: expiresAt,
    absolute_expires_at: expiresAt,
    user_agent: userAgent?.slice(0, 512) ?? null,
    device: device ? JSON.stringify(device) : null,
    ip,
    second_factor_at: null,
    proven_at: null,
    methods: null,
    master_key_id: secrets.primaryId,
  }
}
