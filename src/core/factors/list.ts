import type { RealmContext } from '../context.ts'
import { type Factor, factorOf, heldBy, heldByEach } from './held.ts'

/** The authenticators of an account as they may be shown: those in force first in line, and then the oldest first. */
export async function listFactors(ctx: RealmContext, accountId: string): Promise<Factor[]> {
  return (await heldBy(ctx, accountId)).map(factorOf)
}

/** Those of many accounts, as `listFactors` has them, by the accounts' ids; what has none is not among them. */
export async function listFactorsOfEach(
  ctx: RealmContext,
  accountIds: string[],
): Promise<Map<string, Factor[]>> {
  const held = await heldByEach(ctx, accountIds)
  return new Map([...held].map(([accountId, theirs]) => [accountId, theirs.map(factorOf)]))
}
