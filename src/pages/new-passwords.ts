import type { RealmContext } from '../core/context.ts'
import type { AuthError, PasswordRule } from '../core/errors.ts'
import { type PasswordPolicy, pagePolicy } from '../core/passwords/policy.ts'
import type { Problem } from './problems.ts'
import type { Texts } from './render.ts'

/** A context that is held to the rule for passwords that are chosen on a page: its own, made strict. */
export function withPageRules<C extends RealmContext>(ctx: C): C {
  return { ...ctx, realm: { ...ctx.realm, password: pagePolicy(ctx.realm) } }
}

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
