import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { Context } from '../context.ts'
import { needsSecondFactor } from '../sign-in/second-factor.ts'
import type { Claims } from './jwt.ts'

/** What the access tokens of the door say of the person, as the door wants it. */
export async function personClaims(ctx: Context, session: SessionRow, account: AccountRow): Promise<Claims> {
  const { accessToken: form, emailClaim } = ctx.door
  if (!form) return emailClaim ? { email: account.email } : {}
  const lacksSecondFactor = await needsSecondFactor(ctx, account.id, session)
  return form.claimsOf({ account, session, lacksSecondFactor })
}

/** Whether the access tokens of a door say anything of the person. */
export function namesPerson({ accessToken, emailClaim }: Context['door']): boolean {
  return emailClaim || accessToken !== undefined
}
