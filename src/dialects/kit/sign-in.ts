/** Signing in: by a password, on pages of ours, by what a mail holds, and by a code to a phone. */

export {
  codeChallengeOf,
  type ExchangeRefusal,
  mintExchangeCode,
  redeemExchange,
} from '../../core/mailed-sign-in/exchange.ts'
export type { SignInPurpose } from '../../core/mailed-sign-in/find.ts'
export { requestSignInMail } from '../../core/mailed-sign-in/request.ts'
export {
  confirmFirstHalf,
  readMailCode,
  readMailLink,
  type ShownMail,
  useMail,
} from '../../core/mailed-sign-in/shown-mail.ts'
export type { MailWish } from '../../core/recovery/mailed-codes.ts'
export { type SignedIn, signInAfterReset, signInNewAccount } from '../../core/sessions/open-session.ts'
export type { MailPurpose } from '../../core/sessions/proof-of-person.ts'
export {
  completeLogin,
  findLogin,
  proveLogin,
  proveLoginByChallenge,
  startLogin,
} from '../../core/sign-in/hosted-logins.ts'
export { answerChallenge, type SecondFactorNeeded, signIn } from '../../core/sign-in/sign-in.ts'
export { requestSignInText, requestSignInTextAgain } from '../../core/texted-sign-in/request.ts'
export { signInByText } from '../../core/texted-sign-in/sign-in.ts'
export { loginCookies } from '../../http/login-cookie.ts'
