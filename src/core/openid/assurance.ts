import type { SessionRow } from '../../store/schema.ts'

/** How sure it is who signed in: by one factor, or by two (a passkey that has seen its owner is both). */
export const assuranceLevels = ['aal1', 'aal2'] as const
export type AssuranceLevel = (typeof assuranceLevels)[number]

type Signed = Pick<SessionRow, 'second_factor_at' | 'methods' | 'proven_at' | 'created_at'>

/** The `acr` of a browser's session (OpenID Connect Core §2). */
export function assuranceOf({ second_factor_at }: Signed): AssuranceLevel {
  return second_factor_at === null ? 'aal1' : 'aal2'
}

/** The `amr` of a browser's session, in the names of RFC 8176: a passkey is a proof of possession. */
export function methodsIn({ methods }: Signed): string[] {
  const names: string[] = methods === null ? [] : JSON.parse(methods)
  return names.map((name) => (name === 'passkey' ? 'pop' : name))
}

/** When the person of a browser's session has last shown who they are (`auth_time`); epoch milliseconds. */
export function authenticatedAt({ proven_at, created_at }: Signed): number {
  return Math.max(proven_at ?? 0, created_at)
}

/** Whether an app that names these levels (`acr_values`) would like a second factor: the lower one is not among them. */
export function asksForSecondFactor(acrValues: string | undefined): boolean {
  const wanted = acrValues?.split(' ') ?? []
  return wanted.includes('aal2') && !wanted.includes('aal1')
}
