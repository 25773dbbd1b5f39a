import { isUniqueViolation } from '../../lib/unique-violation.ts'
import type { AccountRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, stopClock, transaction } from '../context.ts'
import { AuthError, type ErrorCode } from '../errors.ts'
import { type TicketKind, voidedByNewEmail, voidedByNewPhone } from '../recovery/tickets.ts'
import { atAccountDoor } from '../self-service/account-door.ts'
import { holderOf, isYielded, lockWithHolders, takeOff } from '../self-service/held-names.ts'
import { keepForUndo } from '../self-service/undo-change.ts'
import { maskEmail, maskPhone } from '../text/masked-names.ts'
import { foldEmail } from './emails.ts'
import type { ProvableName } from './proven-names.ts'

interface Told {
  /** Whoever reads the old e-mail address is not told: it is not the owner's any more. */
  isOldLost?: boolean
}

/** What an operator has an account be called. `null` takes the name off it. A phone number is E.164. */
export type NameChange =
  | ({ name: ProvableName } & Told & { value: string; isProven: boolean })
  | ({ name: ProvableName } & Told & { value: null })
  | { name: 'username'; value: string | null }

const taken = {
  email: 'email_taken',
  phone: 'phone_taken',
  username: 'username_taken',
} as const satisfies Record<NameChange['name'], ErrorCode>

/** Links and codes to the name that an account leaves. */
const voidedKinds: Record<ProvableName, TicketKind[]> = {
  email: voidedByNewEmail,
  phone: voidedByNewPhone,
}

/**
 * Gives an account another name on an operator's word, or takes one off it. Sessions stay; links and codes to the old name
 * are void. Whoever reads the old e-mail address is told of another address or number, if the address was proven, with a
 * link that undoes the change; not where the address is lost. `undefined` when the account is gone. Throws `email_taken`, `phone_taken`, `username_taken`, and `last_sign_in_method` where nothing would be left to sign in with.
 */
export function changeNameByHand(
  ctx: AnyContext,
  accountId: string,
  change: NameChange,
): Promise<AccountRow | undefined> {
  return transaction(stopClock(ctx), (ctx) => changeNameWithin(ctx, accountId, change))
}

/** Gives an account another name as `changeNameByHand` does, as part of a transaction, which is of no use once it throws. */
export async function changeNameWithin(
  ctx: AnyContext,
  accountId: string,
  change: NameChange,
): Promise<AccountRow | undefined> {
  try {
    return change.name === 'username'
      ? await changeUsername(ctx, accountId, change.value)
      : await changeProvable(ctx, accountId, change)
  } catch (error) {
    throw isUniqueViolation(error) ? new AuthError(taken[change.name]) : error
  }
}

async function changeUsername(
  ctx: AnyContext,
  accountId: string,
  username: string | null,
): Promise<AccountRow | undefined> {
  const before = await ctx.store.accounts.lock(accountId)
  if (!before) return undefined
  requireAnother(before, 'username', username)
  const changed =
    username === null
      ? await ctx.store.accounts.setNames(accountId, { username: null, username_key: null }, ctx.now())
      : await ctx.store.accounts.setUsername(accountId, username, ctx.now())
  if (!changed) throw new AuthError('username_taken')
  await recordEvent(ctx, 'username.changed', { accountId, detail: username === null ? 'removed' : undefined })
  return changed
}

async function changeProvable(
  ctx: AnyContext,
  accountId: string,
  change: Exclude<NameChange, { name: 'username' }>,
): Promise<AccountRow | undefined> {
  const { name } = change
  const value = name === 'email' && change.value !== null ? foldEmail(change.value) : change.value
  const isProven = change.value !== null && change.isProven
  const named = { name, value: value ?? '' }
  const holder = value === null ? undefined : await holderOf(ctx, named, accountId)
  await lockWithHolders(ctx, accountId, holder)
  const before = await ctx.store.accounts.byId(accountId)
  if (!before) return undefined
  requireAnother(before, name, value)
  if (holder && !(isProven && isYielded(holder, name))) throw new AuthError(taken[name])
  if (holder) await takeOff(ctx, holder, named)
  const verifiedAt = isProven ? ctx.now() : null
  const names =
    name === 'email'
      ? { email: value, email_verified_at: verifiedAt, email_seen_through: null }
      : { phone: value, phone_verified_at: verifiedAt }
  const changed = await ctx.store.accounts.setNames(accountId, names, ctx.now())
  await ctx.store.tickets.consumeAll(accountId, voidedKinds[name], ctx.now())
  const detail = value === null ? 'removed' : isProven ? 'by_hand+proven' : 'by_hand'
  await recordEvent(ctx, `${name}.changed`, { accountId, detail })
  if (!change.isOldLost) await tellOldAddress(ctx, before, { name, value })
  return changed
}

/** An account that nothing names can never be signed in to again. */
function requireAnother(account: AccountRow, name: NameChange['name'], value: string | null): void {
  if (value !== null) return
  const others = (['email', 'phone', 'username'] as const).filter((other) => other !== name)
  if (others.every((other) => account[other] === null)) throw new AuthError('last_sign_in_method')
}

/** As of a change that the owner makes: with a link that undoes it. */
async function tellOldAddress(
  ctx: AnyContext,
  before: AccountRow,
  { name, value }: { name: ProvableName; value: string | null },
): Promise<void> {
  if (before[name] === value) return
  const newName = value === null ? undefined : name === 'email' ? maskEmail(value) : maskPhone(value)
  await keepForUndo(atAccountDoor(ctx), before, {
    notice: `${name}-changed`,
    values: newName === undefined ? {} : { newName },
  })
}
