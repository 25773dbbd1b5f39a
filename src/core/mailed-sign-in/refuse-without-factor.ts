import type { AccountRow } from '../../store/schema.ts'
import type { Context } from '../context.ts'
import { AuthError } from '../errors.ts'
import { hasSecondFactor } from '../sign-in/second-factor.ts'

/** Throws `second_factor_needed` where a session at this door has shown the factor of its account from the start. */
export async function refuseWithoutFactor(ctx: Context, account: AccountRow): Promise<void> {
  if (ctx.door.secondFactor === 'stepUp' || !(await hasSecondFactor(ctx, account.id))) return
  throw new AuthError('second_factor_needed')
}
