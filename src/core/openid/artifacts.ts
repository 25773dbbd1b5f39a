import { createHash } from 'node:crypto'
import type { OpenidArtifactRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import { nonceBytes } from '../keys/master-key.ts'

/** What the protocol library keeps: a code, an interaction, a grant and the like. */
export interface Artifact {
  kind: string
  /** What finds it, which a client or a browser may hold. */
  value: string
  payload: object
  /** Another name of it. */
  uid?: string | undefined
  /** The code that a person types for a device. */
  userCode?: string | undefined
  grantId?: string | undefined
  accountId?: string | undefined
  /** The session of the browser that it was made in. */
  sessionId?: string | undefined
  /** Epoch milliseconds. */
  expiresAt: number
}

export interface FoundArtifact {
  row: OpenidArtifactRow
  payload: Record<string, unknown>
}

type Keeper = Pick<RealmContext, 'store' | 'secrets' | 'now' | 'randomBytes' | 'realm'>

/** Stores an artifact, or writes over the one that the same value finds; whether that one was used stays. */
export function putArtifact(ctx: Keeper, artifact: Artifact): Promise<void> {
  return ctx.store.openidArtifacts.put(rowOf(ctx, artifact))
}

/** Stores an artifact, and says whether it could: not when the same value finds one already. */
export function addArtifact(ctx: Keeper, artifact: Artifact): Promise<boolean> {
  return ctx.store.openidArtifacts.add(rowOf(ctx, artifact))
}

/** One that has not expired, whether it was used or not. */
export async function findArtifact(
  ctx: Keeper,
  kind: string,
  value: string,
): Promise<FoundArtifact | undefined> {
  return opened(ctx, await ctx.store.openidArtifacts.byId(artifactId(kind, value), ctx.now()))
}

export async function findArtifactByUid(
  ctx: Keeper,
  kind: string,
  uid: string,
): Promise<FoundArtifact | undefined> {
  const name = { kind, hash: hashOf(kind, uid), now: ctx.now() }
  return opened(ctx, await ctx.store.openidArtifacts.byHash('uid_hash', name))
}

export async function findArtifactByUserCode(
  ctx: Keeper,
  kind: string,
  userCode: string,
): Promise<FoundArtifact | undefined> {
  for (const mac of ctx.secrets.macs('short-code', userCodeInput(ctx, kind, userCode))) {
    const name = { kind, hash: mac.toString('base64url'), now: ctx.now() }
    const found = await ctx.store.openidArtifacts.byHash('user_code_hash', name)
    if (found) return opened(ctx, found)
  }
}

/** Uses one up. Of any number of callers one gets `true`. */
export async function useArtifact(ctx: Keeper, kind: string, value: string): Promise<boolean> {
  return (await ctx.store.openidArtifacts.consume(artifactId(kind, value), ctx.now())) !== undefined
}

export function removeArtifact(ctx: Keeper, kind: string, value: string): Promise<void> {
  return ctx.store.openidArtifacts.remove(artifactId(kind, value))
}

/** What the payload of an artifact is sealed for. */
export function artifactContext(id: string): string {
  return `openid-artifact ${id}`
}

/** What is known by a value with as many bits as a key needs no salt. */
function artifactId(kind: string, value: string): string {
  return hashOf(kind, value)
}

function hashOf(kind: string, value: string): string {
  return createHash('sha256').update(`${kind}\0${value}`).digest('base64url')
}

function userCodeInput({ realm }: Keeper, kind: string, userCode: string): string {
  return `${realm.name}\0${kind}\0${userCode}`
}

function rowOf(ctx: Keeper, artifact: Artifact): Omit<OpenidArtifactRow, 'realm' | 'consumed_at'> {
  const { kind, value, payload, uid, userCode, grantId, accountId, sessionId, expiresAt } = artifact
  const id = artifactId(kind, value)
  const { sealed, keyId } = ctx.secrets.seal(
    JSON.stringify(payload),
    artifactContext(id),
    ctx.randomBytes(nonceBytes),
  )
  return {
    id,
    kind,
    uid_hash: uid === undefined ? null : hashOf(kind, uid),
    user_code_hash:
      userCode === undefined
        ? null
        : ctx.secrets.mac('short-code', userCodeInput(ctx, kind, userCode)).toString('base64url'),
    grant_id: grantId ?? null,
    account_id: accountId ?? null,
    session_id: sessionId ?? null,
    payload_sealed: sealed,
    sealed_under: keyId,
    created_at: ctx.now(),
    expires_at: expiresAt,
  }
}

function opened(ctx: Keeper, row: OpenidArtifactRow | undefined): FoundArtifact | undefined {
  if (!row) return undefined
  return { row, payload: JSON.parse(ctx.secrets.unseal(row.payload_sealed, artifactContext(row.id))) }
}
