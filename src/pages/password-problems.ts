import type { AuthError, PasswordRule } from '../core/errors.ts'
import type { PasswordPolicy } from '../core/passwords/policy.ts'
import type { Problem } from './problems.ts'
import type { Texts } from './texts.ts'

const texts: Record<PasswordRule, keyof Texts> = {
  too_short: 'passwordTooShort',
  too_long: 'passwordUnusable',
  malformed: 'passwordUnusable',
  too_common: 'passwordTooCommon',
  too_personal: 'passwordTooPersonal',
}

/** What is said beside a new password that was rejected. */
export function passwordProblem(
  { details }: AuthError,
  { minLength }: Pick<PasswordPolicy, 'minLength'>,
): Problem {
  const text = texts[details.issues?.[0]?.rule ?? 'malformed']
  return { status: 400, text, values: { minLength: String(minLength) } }
}
