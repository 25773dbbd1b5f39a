import type { LegacySessionRow } from '../../../store/schema.ts'
import { type Context, stopClock, transaction } from '../../context.ts'
import { unasked } from '../../hooks/permit.ts'
import { openSession, type SignedIn } from '../../sessions/open-session.ts'
import type { SessionProof } from '../../sessions/proofs.ts'
import { troubleOf } from '../asking.ts'
import { isForAccess, readOldClaims } from './claims.ts'
import { accountIdOf, lockOwner, oldTokensNow, reaching } from './old-account.ts'
import type { DoorsOldTokens } from './old-tokens.ts'
import { signedPart } from './signature.ts'
import { importedHashes, tokenHash } from './token-hash.ts'

/** What an old server's refresh token comes to: a session that it has just opened, or one that it was exchanged for. */
export type Exchange = { opened: SignedIn } | { proof: SessionProof }

type NewRow = Omit<LegacySessionRow, 'realm' | 'session_id' | 'consumed_at'>

/** A token that may be exchanged. */
interface Exchangeable {
  row: NewRow
  /** Whether the row is there already: it was imported. */
  isImported: boolean
  /** Epoch milliseconds: what has ended all sessions of the account since then has ended this one. */
  issuedAt: number
}

/** Longer than any token. */
const maxLength = 16_384

/**
 * Exchanges a refresh token of the old server for a session with tokens of ours, once; `undefined` for any other text, and
 * where the session was ended. Throws `unavailable` while nothing is known of it as the old server cannot be asked.
 */
export async function exchangeOldRefresh(ctx: Context, token: string): Promise<Exchange | undefined> {
  if (token.length > maxLength) return undefined
  const old = oldTokensNow(ctx)
  if (!old) return againByAlias(ctx, token)
  if (!old.refresh) return undefined
  const found = await lookUp[old.refresh](ctx, old, token)
  if (!found) return undefined
  if ('session_id' in found) return again(ctx, found)
  const opened = await open(ctx, found)
  if (opened) return { opened }
  // Somebody was quicker.
  const taken = await ctx.store.legacySessions.find([found.row.source], [found.row.hash])
  return taken && again(ctx, taken)
}

/**
 * Where tokens never change, one that was exchanged is that of our session from then on, also when those that were not are
 * good no more.
 */
async function againByAlias(ctx: Context, token: string): Promise<Exchange | undefined> {
  const { sources = [] } = ctx.oldTokens.get(ctx.door.dialect) ?? {}
  if (ctx.door.rotation !== 'static' || sources.length === 0) return undefined
  const row = await ctx.store.legacySessions.find([ctx.door.dialect, ...sources], importedHashes(token))
  return row && again(ctx, row)
}

/** What a token that was exchanged proves: the generation before the first one, so that a replay is judged as any other is. */
function again(ctx: Context, row: LegacySessionRow): Exchange | undefined {
  const { session_id: sessionId, client_id: clientId } = row
  if (sessionId === null || (ctx.door.bindsClient && clientId !== ctx.client.id)) return undefined
  return { proof: { sessionId, generation: ctx.door.rotation === 'static' ? 1 : 0 } }
}

function open(ctx: Context, found: Exchangeable): Promise<SignedIn | undefined> {
  const { row, isImported, issuedAt } = found
  return transaction(stopClock(ctx), async (ctx) => {
    const account = await lockOwner(ctx, { accountId: row.account_id, issuedAt })
    if (!account || !(await take(ctx, row, isImported))) return undefined
    const signedIn = await openSession(ctx, account, { first: 'old_token', permit: unasked })
    const session = { session_id: signedIn.session.id, client_id: ctx.client.id }
    await ctx.store.legacySessions.noteSession(row, session)
    return signedIn
  })
}

/** Of several callers one takes it. */
async function take(ctx: Context, row: NewRow, isImported: boolean): Promise<boolean> {
  const { legacySessions } = ctx.store
  if (isImported) return (await legacySessions.consume(row, ctx.now())) !== undefined
  return (await legacySessions.add([{ ...row, session_id: null, consumed_at: ctx.now() }])) === 1
}

type LookUp = (
  ctx: Context,
  old: DoorsOldTokens,
  token: string,
) => Promise<Exchangeable | LegacySessionRow | undefined>

const findImported: LookUp = async (ctx, { sources }, token) => {
  const row = await ctx.store.legacySessions.find(sources, importedHashes(token))
  if (!row || row.consumed_at !== null) return row
  if (ctx.door.bindsClient && row.client_id !== null && row.client_id !== ctx.client.id) return undefined
  const { session_id: _none, ...rest } = row
  // When it was made is not known, so whatever has ended all sessions here came after that.
  return { row: rest, isImported: true, issuedAt: 0 }
}

const findSigned: LookUp = async (ctx, old, token) => {
  const claims = await reaching(old.verify(token))
  const said = claims && readOldClaims(claims, old, ctx.now())
  if (!said || isForAccess(claims, said, old)) return undefined
  const { subject, issuedAt, expiresAt } = said
  const key = { source: ctx.door.dialect, hash: tokenHash(signedPart(token)) }
  const known = await ctx.store.legacySessions.find([key.source], [key.hash])
  const accountId = known ? undefined : await accountIdOf(ctx, old, subject)
  if (accountId === undefined) return known
  return { row: rowOf(ctx, key, { accountId, expiresAt }), isImported: false, issuedAt }
}

const askOldServer: LookUp = async (ctx, old, token) => {
  const key = { source: ctx.door.dialect, hash: tokenHash(token) }
  const find = () => ctx.store.legacySessions.find([key.source], [key.hash])
  const known = await find()
  if (known || !old.relay) return known
  const answer = await old.relay({ refreshToken: token, clientId: ctx.client.id, address: ctx.origin.ip })
  const trouble = troubleOf(answer)
  if (trouble) throw trouble
  const subject = answer.outcome === 'right' ? answer.profile.id : undefined
  const accountId = subject === undefined ? undefined : await accountIdOf(ctx, old, subject)
  // The old server may take a token once alone: another request has shown it meanwhile.
  if (accountId === undefined) return find()
  const expiresAt = ctx.now() + ctx.door.absoluteLifetime * 1000
  // It does not say when it was made, so whatever has ended all sessions here came after that.
  return { row: rowOf(ctx, key, { accountId, expiresAt }), isImported: false, issuedAt: 0 }
}

const lookUp: Record<NonNullable<DoorsOldTokens['refresh']>, LookUp> = {
  imported: findImported,
  signed: findSigned,
  relay: askOldServer,
}

function rowOf(
  ctx: Context,
  key: Pick<NewRow, 'source' | 'hash'>,
  { accountId, expiresAt }: { accountId: string; expiresAt: number },
): NewRow {
  const { client, now } = ctx
  return { ...key, account_id: accountId, client_id: client.id, created_at: now(), expires_at: expiresAt }
}

/**
 * Has a refresh token of the old server be worth nothing from now on, as its owner signs out. Returns what it was
 * exchanged for, or whether it was given up unused. One that only the old server knows is left as it is.
 */
export async function giveUpOldRefresh(
  ctx: Context,
  token: string,
): Promise<{ proof?: SessionProof; isGivenUp: boolean }> {
  const old = oldTokensNow(ctx)
  if (!old?.refresh || old.refresh === 'relay' || token.length > maxLength) return { isGivenUp: false }
  const found = await lookUp[old.refresh](ctx, old, token)
  if (!found) return { isGivenUp: false }
  if ('session_id' in found)
    return {
      ...(found.session_id && { proof: { sessionId: found.session_id, generation: 0 } }),
      isGivenUp: false,
    }
  return { isGivenUp: await take(ctx, found.row, found.isImported) }
}
