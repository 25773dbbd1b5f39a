import type { AuthError, PasswordRule } from '../core/errors.ts'
import type { Problem } from './problems.ts'
import type { Texts } from './render.ts'

const texts: Record<PasswordRule, keyof Texts> = {
  too_short: 'passwordTooShort',
  too_long: 'passwordUnusable',
  malformed: 'passwordUnusable',
  too_common: 'passwordTooCommon',
  too_personal: 'passwordTooPersonal',
}

/** What is said beside a new password that was rejected; its text may name `{minLength}`. */
export function passwordProblem({ details }: AuthError): Problem {
  return { status: 400, text: texts[details.issues?.[0]?.rule ?? 'malformed'] }
}
