import type { AccountRow } from '../../store/schema.ts'
import { disableWithin, enableWithin } from '../accounts/admin.ts'
import { foldEmail } from '../accounts/emails.ts'
import { changeNameWithin, type NameChange } from '../accounts/names-by-hand.ts'
import { noticeOf } from '../accounts/notify-owner.ts'
import { changeAttributesWithin, changeProfileWithin } from '../accounts/profile.ts'
import type { ProvableName } from '../accounts/proven-names.ts'
import { recordEvent } from '../audit/audit.ts'
import { type Context, stopClock, transaction } from '../context.ts'
import { addJob } from '../jobs.ts'
import { voidedByNewPassword } from '../recovery/tickets.ts'
import { holderOf, lockWithHolders, type NamedBy } from '../self-service/held-names.ts'
import { resetPasswordLimits } from '../sign-in/credentials.ts'
import { type GivenPassword, readGivenPassword } from './given-password.ts'

/** What a service wants of an account to be another way; what is not given stays. */
export interface ManagedChange extends GivenPassword {
  email?: string
  /** E.164. */
  phone?: string
  /** The address counts as proven from now on; where it is not given, another one does if the old one did. */
  isEmailProven?: boolean
  isPhoneProven?: boolean
  /** Names with `null` are taken away. */
  profile?: Record<string, unknown>
  attributes?: Record<string, unknown>
  /** Epoch milliseconds; `null` enables it. */
  disabledUntil?: number | null
}

/**
 * Changes an account on the word of a service, all of it or nothing: no limit counts. Another password ends every session;
 * of that and of another address the owner is told. `undefined` when the account is gone. Throws `email_taken`,
 * `phone_taken`, `password_rejected`, `validation_failed`, `overloaded`.
 */
export async function changeManagedAccount(
  ctx: Context,
  accountId: string,
  change: ManagedChange,
): Promise<AccountRow | undefined> {
  const known = await ctx.store.accounts.byId(accountId)
  if (!known) return undefined
  const password = await readGivenPassword(ctx, change, known)
  const changed = await transaction(stopClock(ctx), async (ctx) => {
    const account = await lockForNames(ctx, accountId, change)
    if (!account) return undefined
    for (const name of namesOf(account, change)) await changeNameWithin(ctx, accountId, name)
    const { profile, attributes, disabledUntil } = change
    if (profile) await changeProfileWithin(ctx, account, { changes: profile })
    if (attributes) await changeAttributesWithin(ctx, account, attributes)
    if (disabledUntil === null) await enableWithin(ctx, accountId)
    else if (disabledUntil !== undefined) await disableWithin(ctx, accountId, disabledUntil)
    if (password) await assignPassword(ctx, accountId, password)
    return ctx.store.accounts.byId(accountId)
  })
  if (changed && password) await resetPasswordLimits(ctx, changed)
  return changed
}

/** The account as it is, held together with the others that have what it is to be called. */
async function lockForNames(
  ctx: Context,
  accountId: string,
  { email, phone }: ManagedChange,
): Promise<AccountRow | undefined> {
  const named: NamedBy[] = []
  if (email !== undefined) named.push({ name: 'email', value: foldEmail(email) })
  if (phone !== undefined) named.push({ name: 'phone', value: phone })
  const holders = await Promise.all(named.map((one) => holderOf(ctx, one, accountId)))
  await lockWithHolders(ctx, accountId, ...holders)
  return ctx.store.accounts.byId(accountId)
}

function namesOf(known: AccountRow, change: ManagedChange): NameChange[] {
  const email = change.email === undefined ? known.email : foldEmail(change.email)
  const { phone = known.phone } = change
  return [
    ...nameOf(known, 'email', { value: email, isProven: change.isEmailProven }),
    ...nameOf(known, 'phone', { value: phone, isProven: change.isPhoneProven }),
  ]
}

function nameOf(
  known: AccountRow,
  name: ProvableName,
  { value, isProven: isProvenNow = false }: { value: string | null; isProven: boolean | undefined },
): NameChange[] {
  const wasProven = known[`${name}_verified_at`] !== null
  const isProven = isProvenNow || wasProven
  if (value === null || (value === known[name] && isProven === wasProven)) return []
  return [{ name, value, isProven }]
}

/** Part of a transaction that holds the account's row. */
async function assignPassword(
  ctx: Context,
  accountId: string,
  password: { hash: string; kind: string | undefined },
): Promise<void> {
  const now = ctx.now()
  await ctx.store.accounts.assignPassword(accountId, password, now)
  await ctx.store.sessions.endAll(accountId, 'password_changed', now)
  await ctx.store.trustedDevices.removeAll(accountId)
  await ctx.store.tickets.consumeAll(accountId, voidedByNewPassword, now)
  await recordEvent(ctx, 'password.changed', { accountId, detail: 'by_hand' })
  await addJob(ctx, 'password-changed-mail', noticeOf(ctx, accountId, ctx.client.brand))
}
