import type { Account } from '../../core/accounts/account.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import type { SecondFactorNeeded } from '../../core/sign-in/sign-in.ts'

export function presentToken({ tokens }: SignedIn) {
  return { status: 'success', token: tokens.accessToken }
}

/** Nobody is signed in yet: a second factor is asked for. */
const secondFactorNeeded = { status: 'success', token: null, twoFactor: true }

/** After a new password, which signs in those who have no second factor. */
export function presentReset(signedIn: SignedIn | undefined) {
  return signedIn ? presentToken(signedIn) : secondFactorNeeded
}

/** After the password, with what goes on to the second factor where there is one. */
export function presentLogin(result: SignedIn | SecondFactorNeeded) {
  return result.isComplete
    ? presentToken(result)
    : { ...secondFactorNeeded, twoFactorToken: result.challenge }
}

export function presentMessage(message: string) {
  return { status: 'success', message }
}

export function presentUser({ id, email, phone, created_at }: Account) {
  return { id, email, mobile: phone, createdAt: new Date(created_at).toISOString() }
}

/** `errors` names fields. */
export function presentError(statusCode: number, message: string, errors?: Record<string, string>) {
  return { status: statusCode < 500 ? 'fail' : 'error', message, ...(errors && { errors }) }
}
