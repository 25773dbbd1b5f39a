import type { AccountRow } from '../../store/schema.ts'
import type { PasswordState } from '../../store/tables/accounts/lookups.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Brand } from '../clients/client.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import { hurryTellingEnds } from '../openid/tell-ends.ts'
import { checkPassword } from '../passwords/check.ts'
import { hashPassword } from '../passwords/forms.ts'
import { voidedByNewPassword } from '../recovery/tickets.ts'
import { hasSecondFactor } from '../sign-in/second-factor.ts'
import { followRemoval } from '../sign-in/second-factor-changes.ts'
import { removeFactor } from '../sign-in/second-factor-enrolment.ts'
import { foldEmail, readEmail } from './emails.ts'
import { createUntaken } from './new-accounts.ts'
import { readPhone } from './phones.ts'

const pageSize = 1000

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/**
 * Opens an account on an operator's word: no mail is sent and no limit counts. Throws `username_taken`, `email_taken`,
 * `phone_taken`, `password_rejected`, `overloaded`.
 */
export async function createAccountByHand(
  ctx: AnyContext,
  input: {
    email?: string
    /** Holds no `@`. */
    username?: string
    /** E.164. */
    phone?: string
    password: string
    /** Since when its e-mail address and phone number count as proven; epoch milliseconds. */
    provenAt?: number
  },
): Promise<AccountRow> {
  await checkPassword(ctx, input.password, input)
  const { username, phone, provenAt } = input
  const email = input.email === undefined ? undefined : foldEmail(input.email)
  const password_hash = await hashPassword(ctx, input.password)
  const proven = {
    email_verified_at: email === undefined ? undefined : provenAt,
    phone_verified_at: phone === undefined ? undefined : provenAt,
  }
  const fields = { email, username, phone, password_hash, ...proven }
  return transaction(ctx, (ctx) => createUntaken(ctx, fields))
}

/**
 * Opens an account on an operator's word that has no password until its owner chooses one: no mail is sent and no limit
 * counts. Throws `username_taken`, `email_taken`, `phone_taken`.
 */
export function createAccountWithoutPassword(
  ctx: AnyContext,
  { email, username, phone, provenAt }: Omit<Parameters<typeof createAccountByHand>[1], 'password'>,
): Promise<AccountRow> {
  const fields = {
    email: email === undefined ? undefined : foldEmail(email),
    username,
    phone,
    email_verified_at: email === undefined ? undefined : provenAt,
    phone_verified_at: phone === undefined ? undefined : provenAt,
  }
  return transaction(ctx, (ctx) => createUntaken(ctx, fields))
}

/** A text is the id of one account and a name of another: an account that was imported keeps the id that it had. */
export class AmbiguousAccount extends Error {
  /** What was typed. */
  readonly account: string

  constructor(account: string) {
    super(
      `${account} is the id of one account and a name of another: say id:${account}, or username:, email:, phone:`,
    )
    this.name = 'AmbiguousAccount'
    this.account = account
  }
}

/**
 * The account that an operator names by its id, e-mail address, phone number or user name; with the kind before it
 * (`username:…`, `phone:…`, `email:…`, `id:…`) by that alone. Throws `AmbiguousAccount`.
 */
export async function accountNamed(ctx: RealmContext, name: string): Promise<AccountRow | undefined> {
  const { accounts } = ctx.store
  const text = name.trim()
  const [, kind, value = ''] = /^(id|email|phone|username):(.*)$/s.exec(text) ?? []
  if (kind === 'id') return accountWithId(ctx, value)
  if (kind === 'email') return accounts.byEmail(foldEmail(value))
  if (kind === 'phone') return accounts.byPhone(readPhone(value) ?? '')
  if (kind === 'username') return accounts.byUsername(value)
  const [withId, named] = [await accountWithId(ctx, text), await accountByName(ctx, text)]
  if (withId && named && withId.id !== named.id) throw new AmbiguousAccount(text)
  return withId ?? named
}

/** The account of an id. Our own ids are the same in capitals; those of other systems are taken as they are. */
export async function accountWithId(
  { store }: Pick<RealmContext, 'store'>,
  id: string,
): Promise<AccountRow | undefined> {
  const lower = id.toLowerCase()
  const exact = await store.accounts.byId(id)
  return exact ?? (lower !== id && uuid.test(lower) ? store.accounts.byId(lower) : undefined)
}

async function accountByName({ store }: RealmContext, text: string): Promise<AccountRow | undefined> {
  const { accounts } = store
  if (readEmail(text) !== undefined) return accounts.byEmail(foldEmail(text))
  const phone = readPhone(text)
  const byPhone = phone === undefined ? undefined : await accounts.byPhone(phone)
  return byPhone ?? accounts.byUsername(text)
}

/**
 * Accounts that meet every condition given, in the order of their ids, read in pages as they are asked for: oldest first,
 * but for those that were imported with ids of their own.
 */
export async function* listAccounts(
  ctx: RealmContext,
  only: { emailPrefix?: string; isDisabled?: boolean; createdSince?: number; passwordState?: PasswordState },
): AsyncGenerator<AccountRow> {
  const emailPrefix = only.emailPrefix === undefined ? undefined : foldEmail(only.emailPrefix)
  let after: string | undefined = ''
  while (after !== undefined) {
    const { found, last } = await ctx.store.accounts.list({ ...only, emailPrefix, after, max: pageSize })
    yield* found
    after = last
  }
}

/**
 * Disables an account: its sessions, tokens, links and codes end, and nobody can sign in, refresh or set a new password
 * until it is enabled; also one that was disabled for a time. `undefined` when it was disabled already.
 */
export function disableAccount(ctx: AnyContext, accountId: string): Promise<AccountRow | undefined> {
  return transaction(stopClock(ctx), (ctx) => disableWithin(ctx, accountId))
}

/**
 * Disables an account as `disableAccount` does, as part of a transaction; with `until` (epoch milliseconds) it is enabled
 * again by itself then.
 */
export async function disableWithin(
  ctx: AnyContext,
  accountId: string,
  until?: number,
): Promise<AccountRow | undefined> {
  const account = await shutWithin(ctx, accountId, until)
  const detail = until === undefined ? undefined : `until ${new Date(until).toISOString()}`
  if (account) await recordEvent(ctx, 'account.disabled', { accountId, detail })
  return account
}

/** Disables an account as part of a transaction, which notes itself why. `undefined` when it was disabled already. */
export async function shutWithin(
  ctx: AnyContext,
  accountId: string,
  until?: number,
): Promise<AccountRow | undefined> {
  // The account's row first: whoever signs in meanwhile waits for it, and is ended or refused.
  const account = await ctx.store.accounts.disable(accountId, ctx.now(), until)
  if (!account) return undefined
  await ctx.store.sessions.endAll(accountId, 'account_disabled', ctx.now())
  hurryTellingEnds(ctx)
  await ctx.store.tickets.consumeAll(accountId, voidedByNewPassword, ctx.now())
  return account
}

/** Enables an account again; its sessions stay ended. `undefined` when it was enabled. */
export function enableAccount(ctx: AnyContext, accountId: string): Promise<AccountRow | undefined> {
  return transaction(ctx, (ctx) => enableWithin(ctx, accountId))
}

/** Enables an account as `enableAccount` does, as part of a transaction. */
export async function enableWithin(ctx: AnyContext, accountId: string): Promise<AccountRow | undefined> {
  const account = await ctx.store.accounts.enable(accountId, ctx.now())
  if (account) await recordEvent(ctx, 'account.enabled', { accountId })
  return account
}

/**
 * Removes the second factor of an account on an operator's word, with its recovery codes; every session ends, and the
 * owner is notified. The reason is kept in the audit trail. Returns `false` when there is none in force.
 */
export function removeSecondFactor(
  ctx: AnyContext,
  accountId: string,
  { reason, brand }: { reason: string; brand: Brand },
): Promise<boolean> {
  return transaction(stopClock(ctx), async (ctx) => {
    // The account's row first, as everywhere.
    const account = await ctx.store.accounts.lock(accountId)
    if (!account || !(await hasSecondFactor(ctx, accountId))) return false
    await removeFactor(ctx, accountId)
    await recordEvent(ctx, 'second_factor.removed', { accountId, detail: reason })
    await followRemoval(ctx, accountId, { brand })
    return true
  })
}
