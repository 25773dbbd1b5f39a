/** What the core refuses, and how a door words that. */

export { AuthError, type ErrorCode, type Issue, isRefusal, type PasswordRule } from '../../core/errors.ts'
export { defaultErrors } from '../../http/default-errors.ts'
export { type RefusedRequest, toAuthError, type WireError } from '../../http/dialect.ts'
export { unreadableReason } from '../../http/unreadable.ts'
