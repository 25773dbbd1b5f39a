import { addressBlock } from '../../lib/ip.ts'
import { findAccount } from '../accounts/find.ts'
import { identifierKey } from '../accounts/identifiers.ts'
import type { RealmContext, RequestContext } from '../context.ts'
import { isKnownIp, knownIps, refusalOf } from './account-limits.ts'
import { type LimitRule, limits } from './limits.ts'

/** The id of no account. */
export const nobody = '00000000-0000-0000-0000-000000000000'

/** A name for the place of an IP that does not give it away: a MAC of the household's block. */
export function placeOf(ctx: Pick<RealmContext, 'secrets'>, ip: string): string {
  return ctx.secrets.steadyMac('code-asker', addressBlock(ip)).toString('base64url')
}

/** A number or a mailbox that codes are sent to. */
type CodeName = { phone: string } | { email: string }

/** What codes are sent to, and the caller's place where the account has signed in from there. */
interface CodeTarget {
  name: CodeName
  knownPlace: string | undefined
}

/** What wrong codes for one name count against, over all its codes. */
function guessRuleOf(name: CodeName): LimitRule {
  return 'phone' in name ? limits.codesPerNumber : limits.mailedCodesPerMailbox
}

/** Whether the next code for a number may be a short one, which can be guessed; counts it as sent. */
export function consumeShortCode(ctx: RealmContext, target: CodeTarget): Promise<boolean> {
  return isWithin(ctx, limits.shortCodesPerNumber, codeKey(target))
}

/** Uncounts a short code that was not sent after all. */
export function refundShortCode(ctx: RealmContext, target: CodeTarget): Promise<void> {
  return ctx.limiter.refund(limits.shortCodesPerNumber, codeKey(target))
}

/** A guess at the code of one number or mailbox that was counted. */
export interface CountedGuess {
  rule: LimitRule
  key: string
  /** Whether that has had fewer wrong guesses than it may have. */
  isWithin: boolean
}

/** Counts a guess at the code of a number or a mailbox before it is judged, alike when nobody has that. */
export async function consumeGuess(ctx: RequestContext, name: CodeName): Promise<CountedGuess> {
  const account = await findAccount(ctx, name)
  const isKnown = await isKnownIp(ctx, account?.id ?? nobody)
  const key = codeKey({ name, knownPlace: isKnown ? placeOf(ctx, ctx.origin.ip) : undefined })
  const rule = guessRuleOf(name)
  return { rule, key, isWithin: await isWithin(ctx, rule, key) }
}

/** Uncounts a guess that was not judged to be wrong. */
export async function refundGuess(ctx: RequestContext, guess: CountedGuess | undefined): Promise<void> {
  if (guess?.isWithin) await ctx.limiter.refund(guess.rule, guess.key)
}

/** Resets the guesses at the codes of a number or a mailbox, and the codes that were sent, as the right one was shown. */
export async function resetGuesses(ctx: RequestContext, name: CodeName): Promise<void> {
  const keys = [undefined, placeOf(ctx, ctx.origin.ip)].map((knownPlace) => codeKey({ name, knownPlace }))
  const rules = [guessRuleOf(name), ...('phone' in name ? [limits.shortCodesPerNumber] : [])]
  await Promise.all(rules.flatMap((rule) => keys.map((key) => ctx.limiter.reset(rule, key))))
}

/** Whether an account has signed in from a place before. */
export async function isKnownPlace(ctx: RealmContext, accountId: string, place: string): Promise<boolean> {
  return (await knownIps(ctx, accountId)).some((ip) => placeOf(ctx, ip) === place)
}

/** Strangers share the count of a name; each known place has its own. */
function codeKey({ name, knownPlace }: CodeTarget): string {
  const key = identifierKey(name)
  return knownPlace === undefined ? key : `${knownPlace} ${key}`
}

async function isWithin(ctx: RealmContext, rule: LimitRule, key: string): Promise<boolean> {
  return (await refusalOf(ctx, rule, key)) === undefined
}
