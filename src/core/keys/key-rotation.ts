import type { SigningAlgorithm, SigningKeyRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type RealmContext, stopClock, transaction } from '../context.ts'
import {
  algorithmsInUse,
  appendKeys,
  currentKey,
  despiteChanges,
  KeysChanged,
  makeKey,
} from './signing-keys.ts'

/** How long a key is published before it signs: many verifiers cache a JWKS for hours, whatever its `max-age` says. */
const publishedForMs = 24 * 60 * 60 * 1000

/** How long a key outlives its last token: five minutes that a JWKS is cached, and ten for nodes that reload late. */
const overlapMs = 15 * 60 * 1000

type KeyState = 'next' | 'current' | 'previous' | 'retired'

export interface ListedKey {
  key: SigningKeyRow
  state: KeyState
}

/** The signing keys of the realm in their sequence, and what each is now. */
export async function listKeys(ctx: RealmContext): Promise<ListedKey[]> {
  const rows = await ctx.store.signingKeys.list()
  return rows.map((key) => ({ key, state: stateOf(key, currentKey(rows, key.algorithm)) }))
}

function stateOf(key: SigningKeyRow, current: SigningKeyRow | undefined): KeyState {
  if (key.retired_at !== null) return 'retired'
  if (key.activated_at === null) return 'next'
  return key === current ? 'current' : 'previous'
}

/** From when on the next key may sign without surprising anybody; epoch milliseconds. */
export function readyAt(next: SigningKeyRow): number {
  return next.created_at + publishedForMs
}

/**
 * Has these next keys, one of an algorithm, sign from now on, whatever their age, and makes other next ones. Tokens of the
 * old ones stay valid. Of any number of callers with one key one gets it, the others `undefined` and none of theirs.
 */
export async function rotateKeys(
  ctx: RealmContext,
  next: SigningKeyRow[],
): Promise<SigningKeyRow[] | undefined> {
  const successors = await Promise.all(next.map(({ algorithm }) => makeKey(ctx, algorithm, null)))
  const rotate = () =>
    transaction(stopClock(ctx), async (ctx) => {
      const activated: SigningKeyRow[] = []
      for (const { sequence } of next) {
        const key = await ctx.store.signingKeys.activate(sequence, ctx.now())
        if (!key) throw new KeyTaken()
        activated.push(key)
      }
      await recordEvent(ctx, 'keys.rotated', { detail: namesOf(activated) })
      await appendKeys(ctx, await ctx.store.signingKeys.list(), successors)
      return activated
    })
  const activated = await despiteChanges(rotate).catch(undefinedWhen(KeyTaken))
  await ctx.keys.reload()
  return activated
}

function namesOf(keys: SigningKeyRow[]): string {
  return keys.map(({ id }) => id).join(' ')
}

/** Somebody else has had the next key sign. */
class KeyTaken extends Error {}

function undefinedWhen(kind: typeof KeyTaken | typeof KeysChanged): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof kind)) throw error
  }
}

/** The keys that will sign, one of each algorithm in use; made where they are missing. */
export async function nextKeys(ctx: RealmContext): Promise<SigningKeyRow[]> {
  const algorithms = algorithmsInUse(ctx.realm, await ctx.store.signingKeys.list())
  return Promise.all(algorithms.map((algorithm) => nextKey(ctx, algorithm)))
}

function nextKey(ctx: RealmContext, algorithm: SigningAlgorithm): Promise<SigningKeyRow> {
  return despiteChanges(async () => {
    const find = (rows: SigningKeyRow[]) =>
      rows.findLast((row) => row.algorithm === algorithm && stateOf(row, undefined) === 'next')
    const known = await ctx.store.signingKeys.list()
    const next = find(known)
    if (next) return next
    await appendKeys(ctx, known, [await makeKey(ctx, algorithm, null)])
    const made = find(await ctx.store.signingKeys.list())
    if (!made) throw new KeysChanged()
    return made
  })
}

/**
 * Retires every key of the realm at once and makes new ones, for when one has leaked: all access tokens are refused, and
 * apps get new ones by refreshing. Returns the keys that sign now; `undefined` when the keys change concurrently.
 */
export async function replaceKeys(ctx: RealmContext): Promise<SigningKeyRow[] | undefined> {
  const known = await ctx.store.signingKeys.list()
  const last = known.at(-1)?.sequence ?? 0
  const made = await Promise.all(
    algorithmsInUse(ctx.realm, known).flatMap((algorithm) => [
      makeKey(ctx, algorithm, ctx.now()),
      makeKey(ctx, algorithm, null),
    ]),
  )
  const replace = transaction(stopClock(ctx), async (ctx) => {
    await ctx.store.signingKeys.retireUpTo(last, ctx.now())
    await appendKeys(ctx, known, made)
    const signing = (await ctx.store.signingKeys.list()).filter(
      ({ sequence, activated_at }) => sequence > last && activated_at !== null,
    )
    await recordEvent(ctx, 'keys.replaced', { detail: namesOf(signing) })
    return signing
  })
  const signing = await replace.catch(undefinedWhen(KeysChanged))
  if (signing) await ctx.keys.reload()
  return signing
}

export interface KeyLifetimes {
  /** How long a key signs. */
  rotateEverySeconds: number
  /** Of the longest-lived token that is signed by these keys. */
  tokenLifetimeSeconds: number
}

/**
 * What every node does now and then: reads what others have changed, makes keys that are missing, rotates when due, and
 * retires outlived ones.
 */
export async function maintainKeys(
  ctx: RealmContext,
  { rotateEverySeconds, tokenLifetimeSeconds }: KeyLifetimes,
): Promise<void> {
  await ctx.keys.reload()
  await ctx.keys.complete()
  const keys = await listKeys(ctx)
  await rotateWhenDue(ctx, keys, rotateEverySeconds * 1000)
  for (const algorithm of new Set(keys.map(({ key }) => key.algorithm)))
    await retireOutlived(
      ctx,
      keys.filter(({ key }) => key.algorithm === algorithm),
      tokenLifetimeSeconds * 1000 + overlapMs,
    )
}

async function rotateWhenDue(ctx: RealmContext, keys: ListedKey[], rotateEveryMs: number): Promise<void> {
  const now = ctx.now()
  for (const next of await nextKeys(ctx)) {
    const current = keys.find(({ key, state }) => key.algorithm === next.algorithm && state === 'current')
    const isDue = (current?.key.activated_at ?? now) + rotateEveryMs <= now
    if (isDue && readyAt(next) <= now) await rotateKeys(ctx, [next])
  }
}

/** Of keys that are all of one algorithm. */
async function retireOutlived(ctx: RealmContext, keys: ListedKey[], afterSuccessorMs: number): Promise<void> {
  const activated = keys.filter(({ state }) => state === 'previous' || state === 'current')
  const outlived = activated.findLast(({ state }, index) => {
    const successor = activated[index + 1]?.key.activated_at
    return state === 'previous' && successor != null && successor + afterSuccessorMs <= ctx.now()
  })
  if (!outlived) return
  const retired = await ctx.store.signingKeys.retireAlgorithmUpTo(outlived.key, ctx.now())
  for (const { id } of retired) ctx.log.info({ realm: ctx.realm.name, keyId: id }, 'signing key retired')
  await ctx.keys.reload()
}
