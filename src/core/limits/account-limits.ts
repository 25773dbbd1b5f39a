import { addressBlock } from '../../lib/ip.ts'
import type { AccountRow } from '../../store/schema.ts'
import { withoutTag } from '../accounts/emails.ts'
import { identifierKey } from '../accounts/identifiers.ts'
import type { RealmContext, RequestContext } from '../context.ts'
import { type AuthError, isRefusal } from '../errors.ts'
import { type LimitRule, limits } from './limits.ts'

/** How many of an account's newest sessions tell from where it signs in. */
const rememberedSessions = 100

/** One use of a rule that was counted. */
export interface CountedUse {
  rule: LimitRule
  key: string
}

/**
 * Counts one use of each of these rules for one caller, all at once, and returns them; `key` is each rule's key behind
 * the caller's address. When one rule refuses, the others have counted nevertheless. Throws `rate_limited`.
 */
export async function consumePerIp(
  ctx: RequestContext,
  rules: { rule: LimitRule; key?: string }[],
): Promise<CountedUse[]> {
  const { ip } = ctx.origin
  const uses = rules.map(({ rule, key }) => ({ rule, key: key === undefined ? ip : `${ip} ${key}` }))
  const outcomes = await Promise.allSettled(uses.map(({ rule, key }) => ctx.limiter.consume(rule, key)))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return uses
}

/** Uncounts what was counted: it turned out not to be what the rules are about. */
export async function refundUses({ limiter }: RequestContext, uses: CountedUse[]): Promise<void> {
  await Promise.all(uses.map(({ rule, key }) => limiter.refund(rule, key)))
}

/** A rule for an account as a whole. `ruleAtKnown`: what holds for the addresses that it does not hold back. */
export interface AccountUse {
  rule: LimitRule
  ruleAtKnown: LimitRule
  key: string
}

/** What became of a use. */
export interface AccountConsumption {
  /** The rule that has counted it; none when it is not allowed. */
  counted?: LimitRule
  /** Strangers have used up what holds for everybody, whether or not this use is allowed. */
  refusal?: AuthError
}

/**
 * Counts one use against an account as a whole, whether there is one or not. Nobody is refused for what strangers
 * have used up at an address from which the account has signed in before: they do not keep the owner out (ASVS
 * 6.1.1).
 */
export async function tryConsumePerAccount(
  ctx: RequestContext,
  { rule, ruleAtKnown, key }: AccountUse,
  findAccount: () => Promise<AccountRow | undefined>,
): Promise<AccountConsumption> {
  const refusal = await refusalOf(ctx, rule, key)
  if (!refusal) return { counted: rule }
  // An account that is not there is looked up like any other, so that the refusal takes as long.
  const account = await findAccount()
  const isAllowed = (await isKnownIp(ctx, account?.id ?? '')) && !(await refusalOf(ctx, ruleAtKnown, key))
  return isAllowed ? { counted: ruleAtKnown, refusal } : { refusal }
}

/**
 * Counts one use against an account as a whole, whether there is one or not, and returns the rule that has counted it.
 * Throws `rate_limited` when the use is not allowed.
 */
async function consumePerAccount(
  ctx: RequestContext,
  use: AccountUse,
  findAccount: () => Promise<AccountRow | undefined>,
): Promise<LimitRule> {
  const { counted, refusal } = await tryConsumePerAccount(ctx, use, findAccount)
  if (!counted) throw refusal
  return counted
}

/** Counts one use of a key, and returns the refusal when the rule does not allow it. */
export async function refusalOf(
  ctx: Pick<RealmContext, 'limiter'>,
  rule: LimitRule,
  key: string,
): Promise<AuthError | undefined> {
  try {
    await ctx.limiter.consume(rule, key)
    return undefined
  } catch (refusal) {
    if (!isRefusal(refusal, 'rate_limited')) throw refusal
    return refusal
  }
}

/**
 * Counts a mail that the caller wants sent to this address, folded; returns what it counted. For the caller's own address
 * it is the mailbox that counts, whatever tag it has. For all callers together it is the address as it is: with tags of
 * their own strangers would use up what the owner has, and nothing that helps would have been sent. Throws
 * `rate_limited`.
 */
export async function consumeMail(ctx: RequestContext, email: string): Promise<CountedUse[]> {
  const uses = await consumePerIp(ctx, [
    { rule: limits.mailPerIp },
    { rule: limits.mailPerMailboxAndIp, key: identifierKey({ email: withoutTag(email) }) },
  ])
  const key = identifierKey({ email })
  const use = { rule: limits.mailPerMailbox, ruleAtKnown: limits.mailPerMailboxAtKnownIps, key }
  const rule = await consumePerAccount(ctx, use, () => ctx.store.accounts.byEmail(email))
  return [...uses, { rule, key }]
}

/**
 * The key under which uses of an account are counted that have no limit by address: strangers share one, and an
 * address from which the account has signed in before has its own, which they cannot use up.
 */
export async function callerKey(ctx: RequestContext, accountId: string): Promise<string> {
  return (await isKnownIp(ctx, accountId)) ? `${ctx.origin.ip} ${accountId}` : accountId
}

/** From where an account has signed in, as far as it is remembered. */
export function knownIps(ctx: RealmContext, accountId: string): Promise<string[]> {
  return ctx.store.sessions.ipsOf(accountId, rememberedSessions)
}

/** Whether an account has signed in from the caller's address before. */
export async function isKnownIp(ctx: RequestContext, accountId: string): Promise<boolean> {
  const addresses = await knownIps(ctx, accountId)
  const own = addressBlock(ctx.origin.ip)
  return addresses.some((address) => addressBlock(address) === own)
}
