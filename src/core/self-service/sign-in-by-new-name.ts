import type { AccountRow } from '../../store/schema.ts'
import type { Context } from '../context.ts'
import { AuthError, isRefusal } from '../errors.ts'
import { permitSignIn } from '../hooks/before-sign-in.ts'
import { refuseWithoutFactor } from '../mailed-sign-in/refuse-without-factor.ts'
import { openSession, type SignedIn } from '../sessions/open-session.ts'
import type { FirstProof } from '../sessions/proof-of-person.ts'
import { recordSignIn } from '../sign-in/sign-in.ts'
import { type NamedBy, withFreeName } from './held-names.ts'

/**
 * Gives an account a name that has just been proven (`shown`), and a session to whoever has proven it. `change` gives it the
 * name in the transaction that opens the session, and returns `undefined` where it is not wanted any more. Throws
 * `ticket_invalid` then, and where another account has got the name meanwhile; `second_factor_needed` at a door that asks for
 * the factor before there is a session, and what a hook refuses with.
 */
export async function signInByNewName(
  ctx: Context,
  account: AccountRow,
  { named, shown }: { named: NamedBy; shown: FirstProof },
  change: (ctx: Context) => Promise<AccountRow | undefined>,
): Promise<SignedIn> {
  await refuseWithoutFactor(ctx, account)
  const permit = await permitSignIn(ctx, account, shown)
  try {
    return await withFreeName(ctx, { accountId: account.id, named }, async (ctx) => {
      const changed = await change(ctx)
      const signedIn = changed && (await recordSignIn(ctx, changed))
      if (!signedIn) throw new AuthError('ticket_invalid')
      return openSession(ctx, signedIn, { ...shown, permit })
    })
  } catch (error) {
    const isTaken = isRefusal(error, 'email_taken') || isRefusal(error, 'phone_taken')
    throw isTaken ? new AuthError('ticket_invalid') : error
  }
}
