import type { SessionRow } from '../../store/schema.ts'
import type { RealmContext } from '../context.ts'
import type { ClaimValue, TokenClaims } from './claims.ts'

/**
 * What the tokens of a session say beside what they say of themselves: what a hook has added as it was opened, as far as the
 * settings let it do so still.
 */
export function addedClaims(
  { hooks }: Pick<RealmContext, 'hooks'>,
  { claims }: Pick<SessionRow, 'claims'>,
): TokenClaims {
  if (claims === null) return {}
  const names = hooks.beforeSignIn?.claims ?? []
  return Object.fromEntries(
    Object.entries<ClaimValue>(JSON.parse(claims)).filter(([name]) => names.includes(name)),
  )
}
