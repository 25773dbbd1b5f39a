import { customerBlock } from '../../lib/ip.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { RequestContext } from '../context.ts'
import type { AuthError } from '../errors.ts'
import { type CountedUse, isAmong, knownIps, refusalOf } from './account-limits.ts'
import { limits } from './limits.ts'

/** An attempt at the password of an account as a whole, counted. */
export interface CountedAttempt {
  /** Whether the password is to be judged. */
  isJudged: boolean
  /** Strangers have used up what holds for everybody, whether or not the password is judged. */
  refusal?: AuthError
  /** To be taken back where the password is not judged after all. */
  uses: CountedUse[]
}

/**
 * Counts an attempt at the password of whatever was typed as the account, whether there is one or not. Two are judged even
 * when strangers have used up what holds for everybody, so that they do not lock the owner out (ASVS 6.1.1): one from a
 * known IP, and a few from each place at an account that was imported, has no known IP and waits for its first sign-in;
 * a name that nobody has is one of these, as an old server may know it. Which of them it is shows neither by the work nor
 * by what is counted for a stranger.
 */
export async function countAttempt(
  ctx: RequestContext,
  key: string,
  findAccount: () => Promise<AccountRow | undefined>,
): Promise<CountedAttempt> {
  const refusal = await refusalOf(ctx, limits.signInPerAccount, key)
  if (!refusal) return { isJudged: true, uses: [{ rule: limits.signInPerAccount, key }] }
  const first = { rule: limits.firstSignInPerAccountAndIp, key: `${placeOf(ctx)} ${key}` }
  // An account that is not there is looked up like any other, and counted for, so that the refusal takes as long.
  const account = await findAccount()
  const id = account?.id ?? ''
  const [ips, isAwaited, firstRefusal] = await Promise.all([
    knownIps(ctx, id),
    ctx.store.legacyLinks.awaitsFirstSignIn(id),
    refusalOf(ctx, first.rule, first.key),
  ])
  const uses = firstRefusal ? [] : [first]
  if (!isAmong(ips, ctx.origin.ip))
    return { refusal, uses, isJudged: (!account || isAwaited) && ips.length === 0 && !firstRefusal }
  const known = { rule: limits.signInPerAccountAtKnownIps, key }
  if (await refusalOf(ctx, known.rule, known.key)) return { refusal, uses, isJudged: false }
  return { refusal, uses: [...uses, known], isJudged: true }
}

/** All that one customer of a network may have: whoever has a /48 of IPv6 has 65,536 households' addresses. */
function placeOf({ origin }: RequestContext): string {
  return customerBlock(origin.ip) ?? origin.ip
}
