import type { ErrorCode } from '../../core/errors.ts'

/** An operator's hook may refuse with these. */
const byHook = ['access_denied', 'email_unverified'] as const

/**
 * What use-cases of the core throw, besides what meets every route, for the refusals of routes that call them. A sign-up
 * throws `email_taken`, `username_taken` and `phone_taken`, too, for the names that it takes.
 */
export const thrownBy = {
  signUp: byHook,
  signIn: ['credentials_invalid', 'second_factor_needed', ...byHook],
  answerChallenge: ['challenge_invalid', 'second_factor_code_invalid', ...byHook],
  signInNewAccount: ['credentials_invalid', ...byHook],
  changePassword: [
    'credentials_invalid',
    'email_unverified',
    'second_factor_needed',
    'second_factor_code_invalid',
    'password_unchanged',
  ],
} as const satisfies Record<string, readonly ErrorCode[]>
