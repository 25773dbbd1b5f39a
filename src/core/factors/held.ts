import { uuidNamed } from '../../lib/uuid-bytes.ts'
import type { SessionRow, TotpRow } from '../../store/schema.ts'
import type { HeldRow } from '../../store/tables/authenticators.ts'
import type { RealmContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { nonceBytes } from '../keys/master-key.ts'
import { totpContext } from '../sign-in/authenticator.ts'

/** An authenticator of an account; times are epoch milliseconds. */
export interface Factor {
  /** A UUID, the same for as long as the account has it. */
  id: string
  /** As its owner calls it; may be empty. */
  name: string
  createdAt: number
  /** Until then it is pending, and counts for nothing. */
  confirmedAt: number | null
  /** When a code of it was asked for last, where that is kept. */
  challengedAt: number | null
}

/** One with its secret. */
export interface Held extends Factor {
  accountId: string
  secretSealed: string
  /** Whether it is the one that is asked for wherever an account has one. */
  isFirst: boolean
}

/** One that counts. */
export type InForce = Held & { confirmedAt: number }

/**
 * The authenticators of an account: the first in force, wherever it was set up, and then the others, the oldest first. One
 * that was begun where an account has one alone is not among them until it is in force.
 */
export async function heldBy({ store }: RealmContext, accountId: string): Promise<Held[]> {
  return (await store.authenticators.heldBy(accountId)).map((row) => heldOf(row, row.is_first === 1))
}

/** Those of an account that are in force, as `heldBy` has them. */
export async function inForceBy(ctx: RealmContext, accountId: string): Promise<InForce[]> {
  return (await heldBy(ctx, accountId)).filter(isInForce)
}

/** Whether the first of these is in force and the session has not shown a code since. */
export function lacksShown(
  held: Held[],
  { second_factor_at: shownAt }: Pick<SessionRow, 'second_factor_at'>,
): boolean {
  const since = held.find(isInForce)?.confirmedAt
  return since !== undefined && (shownAt ?? 0) < since
}

function isInForce(held: Held): held is InForce {
  return held.confirmedAt !== null
}

/** A factor without its secret. */
export function factorOf({ id, name, createdAt, confirmedAt, challengedAt }: Factor): Factor {
  return { id, name, createdAt, confirmedAt, challengedAt }
}

/** Those of many accounts, as `heldBy` has them, by the accounts' ids; what has none is not among them. */
export async function heldByEach(
  { store }: RealmContext,
  accountIds: string[],
): Promise<Map<string, Held[]>> {
  if (accountIds.length === 0) return new Map()
  const firsts = (await store.totp.confirmedOf(accountIds)).map((row) => heldOf(row, true))
  const others = (await store.authenticators.listOfMany(accountIds)).map((row) => heldOf(row, false))
  return Map.groupBy([...firsts, ...others], ({ accountId }) => accountId)
}

/** The authenticator with that id. Throws `second_factor_not_pending` when the account has none. */
export async function heldById(ctx: RealmContext, accountId: string, id: string): Promise<Held> {
  const held = (await heldBy(ctx, accountId)).find((each) => each.id === id)
  if (!held) throw new AuthError('second_factor_not_pending')
  return held
}

/** The secret of an authenticator, in Base32. */
export function secretOf({ secrets }: RealmContext, { secretSealed, isFirst, accountId, id }: Held): string {
  return secrets.unseal(secretSealed, isFirst ? totpContext(accountId) : authenticatorContext(id))
}

/** What the secret of an authenticator is sealed for that is not the first of its account. */
export function authenticatorContext(id: string): string {
  return `authenticator ${id}`
}

/**
 * Puts an authenticator into force as the first of its account, which has none; `step` is that of its code. `undefined` when
 * it has one. Part of a transaction that holds the account's row.
 */
export function putFirst(
  ctx: RealmContext,
  held: InForce,
  step: number | null,
): Promise<TotpRow | undefined> {
  const { accountId, id, name, createdAt, confirmedAt, challengedAt } = held
  const { sealed, keyId } = ctx.secrets.seal(
    secretOf(ctx, held),
    totpContext(accountId),
    ctx.randomBytes(nonceBytes),
  )
  return ctx.store.totp.put({
    account_id: accountId,
    id,
    name,
    secret_sealed: sealed,
    sealed_under: keyId,
    created_at: createdAt,
    confirmed_at: confirmedAt,
    last_step: step,
    challenged_at: challengedAt,
  })
}

/** Uses up the time step of a code; `false` when it, or a later one, is used up. */
export async function useStep({ store }: RealmContext, held: Held, step: number): Promise<boolean> {
  const used = held.isFirst
    ? await store.totp.useStep(held.accountId, step)
    : await store.authenticators.useStep(held.id, step)
  return used !== undefined
}

function heldOf(row: Omit<HeldRow, 'is_first'>, isFirst: boolean): Held {
  return {
    // One that was set up where they have no ids has one of its account and its time.
    id: row.id ?? uuidNamed(`authenticator ${row.account_id} ${row.created_at}`),
    name: row.name ?? '',
    createdAt: row.created_at,
    confirmedAt: row.confirmed_at,
    challengedAt: row.challenged_at,
    accountId: row.account_id,
    secretSealed: row.secret_sealed,
    isFirst,
  }
}
