import type { AccountRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import type { Brand } from '../clients/client.ts'
import type { AnyContext } from '../context.ts'
import { addJob } from '../jobs.ts'
import { voidedByNewPassword } from '../recovery/tickets.ts'
import { removeFactor } from '../sign-in/second-factor-enrolment.ts'
import { createAccount } from './new-accounts.ts'
import { noticeOf } from './notify-owner.ts'
import type { ProvableName } from './proven-names.ts'

/**
 * Voids what a squatter has set up in an account, beyond what a new password voids: the IPs that its sessions or
 * another system have made known, the second factor, the passkeys, the identities of providers, and a deletion that
 * was begun. Part of a transaction that holds the account's row.
 */
export async function voidSquatterClaims(ctx: AnyContext, accountId: string): Promise<void> {
  await ctx.store.sessions.forgetIps(accountId)
  await ctx.store.knownAddresses.removeOf(accountId)
  await removeFactor(ctx, accountId)
  await ctx.store.accounts.stopDeletion(accountId, ctx.now())
  await ctx.store.passkeys.removeAllOf(accountId)
  await ctx.store.waysIn.removeAllIdentities(accountId)
  await recordEvent(ctx, 'account.taken_over', { accountId })
}

export interface EmailClaim {
  /** Folded, and proven by the caller a moment ago. */
  email: string
  /** Of the new password; `null` where it is still to be chosen. */
  passwordHash: string | null
  profile?: Record<string, unknown>
  brand: Brand
}

/**
 * The account of whoever has proven an e-mail address otherwise than by confirming a sign-up. An unproven account with
 * that address becomes theirs, and what was set up in it is void; from one with a proven phone number the address moves
 * to a new account. Part of a transaction. `undefined` where the address is proven, or an unproven account disabled.
 */
export async function claimEmail(
  ctx: AnyContext,
  { email, ...claim }: EmailClaim,
): Promise<AccountRow | undefined> {
  return claimName(ctx, { ...claim, name: 'email', value: email, opensAccount: true })
}

export interface PhoneClaim {
  /** E.164, and proven by the caller a moment ago. */
  phone: string
  profile: Record<string, unknown>
  /** Whether an account is opened where no unproven one has the number. */
  opensAccount: boolean
  brand: Brand
}

/** The account of whoever has proven a phone number, which has no password yet; else as `claimEmail`. */
export async function claimPhone(
  ctx: AnyContext,
  { phone, ...claim }: PhoneClaim,
): Promise<AccountRow | undefined> {
  return claimName(ctx, { ...claim, name: 'phone', value: phone, passwordHash: null })
}

/** A claim of a name of either kind. */
interface Claim extends Omit<EmailClaim, 'email'> {
  name: ProvableName
  value: string
  opensAccount: boolean
}

async function claimName(ctx: AnyContext, claim: Claim): Promise<AccountRow | undefined> {
  // Twice, as somebody may sign up with the name between the look and the account.
  return (await claimOnce(ctx, claim)) ?? (await claimOnce(ctx, claim))
}

async function claimOnce(ctx: AnyContext, claim: Claim): Promise<AccountRow | undefined> {
  const { name, value, opensAccount } = claim
  const { accounts } = ctx.store
  const holder = await (name === 'email' ? accounts.byEmail(value) : accounts.byPhone(value))
  const taken = holder && (await takeOver(ctx, holder, claim))
  if (taken || !opensAccount) return taken
  return holder ? splitOff(ctx, holder, claim) : createProven(ctx, claim)
}

async function takeOver(
  ctx: AnyContext,
  { id }: AccountRow,
  { name, value, passwordHash: hash, profile, brand }: Claim,
): Promise<AccountRow | undefined> {
  const account = await ctx.store.accounts.takeOver({ id, name, value, hash, profile }, ctx.now())
  if (!account) return undefined
  await evict(ctx, id)
  await addJob(ctx, 'account-taken-over-mail', noticeOf(ctx, id, brand))
  return account
}

async function splitOff(ctx: AnyContext, holder: AccountRow, claim: Claim): Promise<AccountRow | undefined> {
  const { name, value } = claim
  const released = await ctx.store.accounts.release({ id: holder.id, name, value }, ctx.now())
  if (!released) return undefined
  await recordEvent(ctx, `${name}.released`, { accountId: holder.id })
  return createProven(ctx, claim)
}

function createProven(
  ctx: AnyContext,
  { name, value, passwordHash, profile }: Claim,
): Promise<AccountRow | undefined> {
  const password_hash = passwordHash ?? undefined
  const now = ctx.now()
  const proven =
    name === 'email' ? { email: value, email_verified_at: now } : { phone: value, phone_verified_at: now }
  return createAccount(ctx, { ...proven, password_hash, profile })
}

/**
 * Gives an account that somebody has opened, and of which nothing is proven, to whom a link is made for on another's word:
 * that would confirm a stranger's password and sessions with it. `undefined` where it is disabled. Part of a transaction.
 */
export async function handOver(
  ctx: AnyContext,
  { id }: AccountRow,
  {
    profile = {},
    passwordHash = null,
  }: { profile?: Record<string, unknown> | undefined; passwordHash?: string | null | undefined },
): Promise<AccountRow | undefined> {
  const now = ctx.now()
  await ctx.store.accounts.lock(id)
  if (!(await ctx.store.accounts.setPassword(id, passwordHash, now))) return undefined
  await ctx.store.accounts.setProfile(id, profile, now)
  await evict(ctx, id)
  return ctx.store.accounts.byId(id)
}

/** Ends and voids all that whoever had the account before has in it. */
async function evict(ctx: AnyContext, accountId: string): Promise<void> {
  await ctx.store.sessions.endAll(accountId, 'taken_over', ctx.now())
  await ctx.store.tickets.consumeAll(accountId, voidedByNewPassword, ctx.now())
  await voidSquatterClaims(ctx, accountId)
}
