import { createHash } from 'node:crypto'
import type { AdminTokenRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type Context, stopClock, transaction } from '../context.ts'
import { type Capability, capabilities } from './capabilities.ts'
import { OperatorError } from './operator-error.ts'

/** What every token begins with, so that it is known where it has leaked to. */
const prefix = 'mda_'
const secretBytes = 32

/** A token as operators are shown it, without what it is. */
export interface AdminToken {
  id: string
  name: string
  scopes: Capability[]
  /** The realms that it is held to; `undefined` for all. */
  realms: string[] | undefined
  /** As in the audit trail. */
  madeBy: string
  /** Epoch milliseconds, as all times here. */
  createdAt: number
  expiresAt: number
  revokedAt: number | undefined
  lastUsedAt: number | undefined
  lastUsedIp: string | undefined
}

/** Makes a token for a program, and returns it with its row: it is shown this once. In the realm of the operators. */
export function makeAdminToken(
  ctx: AnyContext,
  given: { name: string; scopes: Capability[]; realms: string[] | undefined; lifetimeSeconds: number },
): Promise<{ token: string; row: AdminToken }> {
  const token = `${prefix}${ctx.randomBytes(secretBytes).toString('base64url')}`
  return transaction(stopClock(ctx), async (ctx) => {
    const row = {
      id: ctx.newId(),
      hash: hashOf(token),
      name: given.name,
      scopes: JSON.stringify(given.scopes),
      realms: given.realms === undefined ? null : JSON.stringify(given.realms),
      made_by: ctx.actor ?? 'cli',
      created_at: ctx.now(),
      expires_at: ctx.now() + given.lifetimeSeconds * 1000,
    }
    await ctx.store.adminTokens.add(row)
    await recordEvent(ctx, 'admin_token.made', { detail: row.id })
    const unused = { realm: ctx.realm.name, revoked_at: null, last_used_at: null, last_used_ip: null }
    return { token, row: toToken({ ...row, ...unused }) }
  })
}

/** The token that a program shows. Throws `token_invalid` for one that is unknown, revoked or too old. */
export async function findAdminToken(
  ctx: Pick<Context, 'store' | 'now' | 'origin'>,
  token: string,
): Promise<AdminToken> {
  const row = token.startsWith(prefix)
    ? await ctx.store.adminTokens.live(hashOf(token), ctx.now())
    : undefined
  if (!row) throw new OperatorError('token_invalid')
  await ctx.store.adminTokens.noteUse(row, { ip: ctx.origin.ip, now: ctx.now() })
  return toToken(row)
}

/** All that there are, newest first, those that are over among them. */
export async function listAdminTokens({ store }: Pick<Context, 'store'>): Promise<AdminToken[]> {
  return (await store.adminTokens.list()).map(toToken)
}

/** Makes a token useless at once. Throws `not_found` where there is none, or it was revoked before. */
export function revokeAdminToken(ctx: AnyContext, id: string): Promise<void> {
  return transaction(ctx, async (ctx) => {
    if (!(await ctx.store.adminTokens.revoke(id, ctx.now()))) throw new OperatorError('not_found')
    await recordEvent(ctx, 'admin_token.revoked', { detail: id })
  })
}

/** A secret of 256 bits needs no salt: there is nothing to guess. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

function toToken(row: AdminTokenRow): AdminToken {
  const named: string[] = JSON.parse(row.scopes)
  return {
    id: row.id,
    name: row.name,
    // A word of a newer release opens nothing here.
    scopes: capabilities.filter((capability) => named.includes(capability)),
    realms: row.realms === null ? undefined : JSON.parse(row.realms),
    madeBy: row.made_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    lastUsedIp: row.last_used_ip ?? undefined,
  }
}
