import { isUniqueViolation } from '../../lib/unique-violation.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { ProvableName } from '../accounts/proven-names.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type Context, stopClock, transaction } from '../context.ts'
import { AuthError, type ErrorCode } from '../errors.ts'

/** A name and its value: an e-mail address, folded, or a number in E.164. */
export interface NamedBy {
  name: ProvableName
  value: string
}

const taken: Record<ProvableName, ErrorCode> = { email: 'email_taken', phone: 'phone_taken' }

/** The other account that has a name. */
export async function holderOf(
  { store: { accounts } }: AnyContext,
  { name, value }: NamedBy,
  accountId: string,
): Promise<AccountRow | undefined> {
  const holder = await (name === 'email' ? accounts.byEmail(value) : accounts.byPhone(value))
  return holder?.id === accountId ? undefined : holder
}

/**
 * Whether an account gives a name up to whoever proves it: it has not proven the name itself, and goes on by another one.
 * With nothing else it is handed to whoever proves the name by a new password, and not by a change of another account.
 */
export function isYielded(holder: AccountRow, name: ProvableName): boolean {
  const { username, email, phone } = holder
  const other = name === 'email' ? phone : email
  return holder[`${name}_verified_at`] === null && (username !== null || other !== null)
}

/** Takes a name that it has not proven off another account. Part of a transaction that holds the account's row. */
export async function takeOff(ctx: AnyContext, holder: AccountRow, { name, value }: NamedBy): Promise<void> {
  const { accounts } = ctx.store
  const yielded =
    name === 'email'
      ? await accounts.yieldEmail(holder.id, value, ctx.now())
      : await accounts.yieldPhone(holder.id, value, ctx.now())
  if (yielded) await recordEvent(ctx, `${name}.released`, { accountId: holder.id })
}

/**
 * Holds the rows of an account and of the holders of names that it is to have: in one order, so that two who want the names
 * of each other do not wait for each other. Part of a transaction.
 */
export async function lockWithHolders(
  { store: { accounts } }: AnyContext,
  accountId: string,
  ...holders: (AccountRow | undefined)[]
): Promise<void> {
  const ids = [accountId, ...holders.flatMap((holder) => holder?.id ?? [])]
  for (const id of ids.sort()) await accounts.lock(id)
}

/**
 * Runs `work`, which gives the account a name that it has proven, in a transaction that holds its row; another account
 * that has not proven the name loses it where it has a further one. Both happen or neither. Throws `email_taken` or
 * `phone_taken`, also where another one gets the name meanwhile.
 */
export async function withFreeName<C extends AnyContext, T>(
  ctx: C,
  { accountId, named }: { accountId: string; named: NamedBy },
  work: (ctx: C) => Promise<T>,
): Promise<T> {
  try {
    return await transaction(stopClock(ctx), async (ctx) => {
      const holder = await holderOf(ctx, named, accountId)
      await lockWithHolders(ctx, accountId, holder)
      if (holder && !isYielded(holder, named.name)) throw new AuthError(taken[named.name])
      if (holder) await takeOff(ctx, holder, named)
      return work(ctx)
    })
  } catch (error) {
    throw isUniqueViolation(error) ? new AuthError(taken[named.name]) : error
  }
}

/** Whether the session of a caller goes on, in a transaction that holds the account's row. Throws `access_invalid`. */
export async function mustBeLive(
  ctx: Context,
  { account, session }: { account: { id: string }; session: { id: string } },
): Promise<AccountRow> {
  const current = await ctx.store.accounts.byId(account.id)
  const live = await ctx.store.sessions.liveById(session.id, ctx.door.dialect, ctx.now())
  if (!current || current.disabled_at !== null || !live) throw new AuthError('access_invalid')
  return current
}
