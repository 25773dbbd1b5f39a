import type { SigningKeyRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type RealmContext, stopClock, transaction } from '../context.ts'
import { currentKey, makeKey } from './key-ring.ts'

/**
 * How long a key must have been published before it signs: a day. Whoever verifies tokens may keep
 * our JWKS for five minutes (its `max-age`), and many keep it for hours whatever that says.
 */
const publishedForMs = 24 * 60 * 60 * 1000

/**
 * How long a key stays published after it has signed its last token, beside the lifetime of that:
 * the five minutes that a JWKS is kept, and ten for nodes that are slow to read what has changed.
 */
const overlapMs = 15 * 60 * 1000

type KeyState = 'next' | 'current' | 'previous' | 'retired'

export interface ListedKey {
  key: SigningKeyRow
  state: KeyState
}

/** The signing keys of the realm in their sequence, and what each is now. */
export async function listKeys(ctx: RealmContext): Promise<ListedKey[]> {
  const rows = await ctx.store.signingKeys.list()
  const current = currentKey(rows)
  return rows.map((key) => ({ key, state: stateOf(key, current) }))
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
 * Has this next key sign from now on, whatever its age, and makes another next one. What the old one has signed is
 * accepted as before. Of any number of callers with the same key one gets it, the others `undefined`.
 */
export async function rotateKeys(ctx: RealmContext, next: SigningKeyRow): Promise<SigningKeyRow | undefined> {
  const successor = makeKey(ctx, next.sequence + 1, null)
  const activated = await transaction(stopClock(ctx), async (ctx) => {
    const activated = await ctx.store.signingKeys.activate(next.sequence, ctx.now())
    if (!activated) return undefined
    await ctx.store.signingKeys.add(successor)
    await recordEvent(ctx, 'keys.rotated', { outcome: 'success', detail: activated.id })
    return activated
  })
  await ctx.keys.reload()
  return activated
}

/** The key that will sign; made where it is missing. */
export async function nextKey(ctx: RealmContext): Promise<SigningKeyRow> {
  const find = async () => (await listKeys(ctx)).findLast(({ state }) => state === 'next')?.key
  const next = await find()
  if (next) return next
  const last = (await ctx.store.signingKeys.list()).at(-1)?.sequence ?? 0
  await ctx.store.signingKeys.add(makeKey(ctx, last + 1, null))
  const made = await find()
  if (!made) throw new Error('the realm has no next signing key')
  return made
}

/** Somebody else has changed the keys in between, so nothing was done. */
class KeysChanged extends Error {}

/**
 * Retires every key of the realm at once and makes new ones: for when one has leaked. Access tokens that are about
 * are refused from now on, and apps get new ones with their refresh tokens. Returns the key that signs now;
 * `undefined`, and nothing is done, when somebody else changes the keys at the same time.
 */
export async function replaceKeys(ctx: RealmContext): Promise<SigningKeyRow | undefined> {
  const last = (await ctx.store.signingKeys.list()).at(-1)?.sequence ?? 0
  const current = makeKey(ctx, last + 1, ctx.now())
  const next = makeKey(ctx, last + 2, null)
  try {
    await transaction(stopClock(ctx), async (ctx) => {
      await ctx.store.signingKeys.retireUpTo(last, ctx.now())
      for (const key of [current, next]) if (!(await ctx.store.signingKeys.add(key))) throw new KeysChanged()
      await recordEvent(ctx, 'keys.replaced', { outcome: 'success', detail: current.id })
    })
  } catch (error) {
    if (error instanceof KeysChanged) return undefined
    throw error
  }
  await ctx.keys.reload()
  return { ...current, realm: ctx.realm.name }
}

/** How long signing keys sign, and access tokens live at most. */
export interface KeyLifetimes {
  rotateEverySeconds: number
  accessLifetimeSeconds: number
}

/**
 * What every node does again and again: reads what others have changed, has the next key sign when the current one
 * has signed for `rotateEverySeconds`, and retires keys of which no token can be left. `accessLifetimeSeconds` is that of the
 * longest-lived access token.
 */
export async function maintainKeys(
  ctx: RealmContext,
  { rotateEverySeconds, accessLifetimeSeconds }: KeyLifetimes,
): Promise<void> {
  await ctx.keys.reload()
  const keys = await listKeys(ctx)
  await rotateWhenDue(ctx, keys, rotateEverySeconds * 1000)
  await retireOutlived(ctx, keys, accessLifetimeSeconds * 1000 + overlapMs)
}

async function rotateWhenDue(ctx: RealmContext, keys: ListedKey[], rotateEveryMs: number): Promise<void> {
  const current = keys.find(({ state }) => state === 'current')?.key
  const next = keys.findLast(({ state }) => state === 'next')?.key ?? (await nextKey(ctx))
  const now = ctx.now()
  if ((current?.activated_at ?? now) + rotateEveryMs > now || readyAt(next) > now) return
  await rotateKeys(ctx, next)
}

async function retireOutlived(ctx: RealmContext, keys: ListedKey[], afterSuccessorMs: number): Promise<void> {
  const activated = keys.filter(({ state }) => state === 'previous' || state === 'current')
  const outlived = activated.findLast(({ state }, index) => {
    const successor = activated[index + 1]?.key.activated_at
    return state === 'previous' && successor != null && successor + afterSuccessorMs <= ctx.now()
  })
  if (!outlived) return
  const retired = await ctx.store.signingKeys.retireUpTo(outlived.key.sequence, ctx.now())
  for (const { id } of retired) ctx.log.info({ realm: ctx.realm.name, keyId: id }, 'signing key retired')
  await ctx.keys.reload()
}
