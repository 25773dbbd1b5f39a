import { addressBlock } from '../../lib/ip.ts'
import type { AccountRow } from '../../store/schema.ts'
import { withoutTag } from '../accounts/emails.ts'
import { identifierKey } from '../accounts/identifiers.ts'
import type { RealmContext, RequestContext } from '../context.ts'
import { type AuthError, isRefusal } from '../errors.ts'
import { type LimitRule, limits } from './limits.ts'

/** How many of an account's newest sessions make IPs known. */
const rememberedSessions = 100

/** One use of a rule that was counted. */
export interface CountedUse {
  rule: LimitRule
  key: string
}

/**
 * Counts one use of each rule for one caller, all at once, and returns them; `key` is each rule's key behind the
 * caller's IP. When one rule refuses, the others have counted nevertheless. Throws `rate_limited`.
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

/** Uncounts what turned out not to be what the rules are about. */
export async function refundUses({ limiter }: RequestContext, uses: CountedUse[]): Promise<void> {
  await Promise.all(uses.map(({ rule, key }) => limiter.refund(rule, key)))
}

/** A rule for an account as a whole, and the one for known IPs, which that does not hold back. */
export interface AccountUse {
  rule: LimitRule
  ruleAtKnown: LimitRule
  key: string
}

export interface AccountConsumption {
  /** The rule that has counted the use; none when it is not allowed. */
  counted?: LimitRule
  /** Strangers have used up what holds for everybody, whether or not this use is allowed. */
  refusal?: AuthError
}

/**
 * Counts one use against an account as a whole, whether there is one or not. At a known IP, from which the account has
 * signed in before, nobody is refused for what strangers use up: they do not lock the owner out (ASVS 6.1.1).
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

/** Counts one use as `tryConsumePerAccount` does, and returns the rule that has counted it. Throws `rate_limited`. */
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
 * Counts a mail that the caller wants sent to this e-mail address, folded; returns what it counted. Per IP the mailbox
 * counts, whatever its tag. For all callers together the address counts as it is: by tags of their own strangers would
 * use up what the owner has, and nothing that helps would have been sent. Throws `rate_limited`.
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

/** The key for uses of an account that have no limit per IP: strangers share one, and each known IP has its own. */
export async function callerKey(ctx: RequestContext, accountId: string): Promise<string> {
  return (await isKnownIp(ctx, accountId)) ? `${ctx.origin.ip} ${accountId}` : accountId
}

/** The IPs that an account has signed in from lately. */
export function knownIps(ctx: RealmContext, accountId: string): Promise<string[]> {
  return ctx.store.sessions.ipsOf(accountId, rememberedSessions)
}

/** Whether an account has signed in from the caller's IP before. */
export async function isKnownIp(ctx: RequestContext, accountId: string): Promise<boolean> {
  return isAmong(await knownIps(ctx, accountId), ctx.origin.ip)
}

/** Whether one of these IPs is of the household that this one is of. */
export function isAmong(ips: string[], ip: string): boolean {
  const own = addressBlock(ip)
  return ips.some((other) => addressBlock(other) === own)
}
