import type { Context } from '../../core/context.ts'
import { heldBy } from '../../core/factors/held.ts'
import type { AccountRow } from '../../store/schema.ts'
import type { Settings } from './manifest.ts'
import { presentUser } from './present.ts'

/** The user of contracts/gotrue.md with the factors of the account, by which the client knows that one is to be shown. */
export async function userOf(ctx: Context, account: AccountRow, settings: Settings) {
  return presentUser(account, settings, await heldBy(ctx, account.id))
}
