import { minbil, type Person, type Target } from '../../harness/doors.ts'

/** The newest refresh token of one session of minbil's. */
export interface Chain {
  refresh: string
}

/** Signs somebody in. */
export async function openChainOf(target: Pick<Target, 'request'>, person: Person): Promise<Chain> {
  return { refresh: minbil.tokensOf(await minbil.signIn(target, person)).refresh }
}

/** Refreshes; fails when that is refused. */
export async function turn(target: Pick<Target, 'request'>, chain: Chain): Promise<void> {
  chain.refresh = minbil.tokensOf(await minbil.refresh(target, chain.refresh)).refresh
}
