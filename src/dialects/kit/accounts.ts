/** Signing up, and what an account is to its owner. */

export type { Account } from '../../core/accounts/account.ts'
export { confirmSignUp } from '../../core/accounts/confirmation.ts'
export { identifierOf } from '../../core/accounts/identifiers.ts'
export { changeProfile, profileText } from '../../core/accounts/profile.ts'
export { withOwnNames } from '../../core/accounts/proven-names.ts'
export { signUpOpenly, signUpOrRemind, signUpSilently, signUpVerified } from '../../core/accounts/sign-up.ts'
export {
  acceptProof,
  isEmailValidAt,
  noteLinkOpened,
  refuseLink,
  requestActivation,
  requestVerification,
} from '../../core/accounts/verification.ts'
export { changeOwnAccount } from '../../core/self-service/change-account.ts'
