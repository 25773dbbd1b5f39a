import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { Context } from '../context.ts'
import { type Factor, heldBy, lacksShown } from '../factors/held.ts'
import type { Claims } from './jwt.ts'

/** What the access tokens of a door say of the person. */
export interface Said {
  claims: Claims
  /** The authenticators of the account, where they had to be read for that. */
  factors?: Factor[]
}

/** What the access tokens of the door say of the person, as the door wants it. */
export async function personClaims(ctx: Context, session: SessionRow, account: AccountRow): Promise<Said> {
  const { accessToken: form, emailClaim } = ctx.door
  if (!form) return { claims: emailClaim ? { email: account.email } : {} }
  const factors = await heldBy(ctx, account.id)
  const lacksSecondFactor = lacksShown(factors, session)
  return { claims: form.claimsOf({ account, session, lacksSecondFactor }), factors }
}

/** Whether the access tokens of a door say anything of the person. */
export function namesPerson({ accessToken, emailClaim }: Context['door']): boolean {
  return emailClaim || accessToken !== undefined
}
