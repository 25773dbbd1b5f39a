import { optionsForSecondFactor, optionsForSignIn } from '../../core/passkeys/sign-in.ts'
import type { Visit } from './visit.ts'

/** What the script is to do: the part of a page that it finds this in is shown where the browser has passkeys. */
type Ceremony = 'add' | 'sign-in' | 'prove'

/** What a passkey part is given, as JSON for the script; `undefined` where there is to be no such part. */
export function passkeyPart(
  kind: Ceremony,
  options: object | undefined,
  extras?: object,
): string | undefined {
  return options && JSON.stringify({ kind, options, ...extras })
}

/**
 * Of a sign-in page. After a refusal the browser offers nothing by itself, and forgets the passkey of that id, if one is
 * given, as it is not known here.
 */
export function passkeyOfSignIn(
  { ctx, kept }: Visit,
  { isRefused, unknown }: { isRefused: boolean; unknown?: string },
): string | undefined {
  const options = optionsForSignIn(ctx, kept.secret)
  return passkeyPart('sign-in', options, { offers: !isRefused, unknown })
}

/** Of the page that asks for the second factor: for one of the account's own passkeys, where it has one. */
export async function passkeyOfSecondFactor({ ctx }: Visit, challenge: string): Promise<string | undefined> {
  return passkeyPart('prove', await optionsForSecondFactor(ctx, challenge))
}
