import type { SessionRow } from '../../store/schema.ts'
import type { Permit } from '../hooks/permit.ts'

/** What can be shown beside the first proof: a passkey that has seen its owner is both at once. */
type SecondFactor = 'authenticator' | 'recovery_code' | 'passkey'

/** What a mail was for whose link or code signs somebody in. */
export type MailPurpose = 'sign_up' | 'sign_in' | 'recovery' | 'invitation' | 'email_change'

/** A second factor that was shown, and when, in epoch milliseconds. */
export interface ShownFactor {
  kind: SecondFactor
  at: number
}

/** What somebody has shown who is authenticated. */
export interface Proof {
  /**
   * The password, typed or set a moment ago; the link or the code of a mail; the code of a text message; a passkey; the word of an identity provider;
   * the session of the browser that the person goes on with; or a session that another system has opened.
   */
  first:
    | 'password'
    | 'password_reset'
    | 'sign_up'
    | 'mailed'
    | 'texted'
    | 'passkey'
    | 'identity_provider'
    | 'browser_session'
    | 'old_token'
  /** Of a mail, where the app is to learn what it was for. */
  purpose?: MailPurpose
  /** Of an identity provider: the person was there a moment ago, and not only a browser that is signed in there. */
  isFresh?: boolean
  second?: ShownFactor
  /** The id of the trusted device that stands for the second factor. */
  trustedDeviceId?: string
  /** Nobody has anything against it who is asked before a sign-in. */
  permit: Permit
}

/** What somebody has shown before a second factor is asked for. */
export type FirstProof = Pick<Proof, 'first' | 'isFresh' | 'purpose'>

/** Whether the person has shown it a moment ago, and not only their browser: trust in one is no proof. */
export function isProvenNow({ first, isFresh = false, second, trustedDeviceId }: Proof): boolean {
  if (first === 'identity_provider' && !isFresh)
    return second !== undefined && second.kind !== 'recovery_code'
  return first !== 'browser_session' && first !== 'old_token' && trustedDeviceId === undefined
}

/**
 * The authentication methods of a proof (RFC 8176 §2; and `passkey`, `fed`: an identity provider has said so, and
 * `email`: a mail was read, with what that was for behind a colon, where it is told.
 */
export function methodsOf({ first, purpose, second }: Pick<Proof, 'first' | 'purpose' | 'second'>): string[] {
  const shown = purpose === undefined ? firstMethods[first] : [`email:${purpose}`]
  const methods = [...shown, ...(second ? secondMethods[second.kind] : [])]
  return second ? [...new Set([...methods, 'mfa'])] : methods
}

/** The methods of a session, as it keeps them, once its person has shown a second factor besides. */
export function methodsWith({ methods }: Pick<SessionRow, 'methods'>, kind: SecondFactor): string {
  const shown: string[] = methods === null ? [] : JSON.parse(methods)
  return JSON.stringify([...new Set([...shown, ...secondMethods[kind], 'mfa'])])
}

/** When whoever has given a proof has shown who they are: a moment ago, or when they signed in to the browser. */
export function provenTime(
  { first }: Proof,
  session: Pick<SessionRow, 'proven_at' | 'created_at'>,
  now: number,
): number {
  return first === 'browser_session' ? (session.proven_at ?? session.created_at) : now
}

const firstMethods: Record<Proof['first'], string[]> = {
  password: ['pwd'],
  password_reset: ['pwd'],
  sign_up: ['pwd'],
  mailed: ['email'],
  texted: ['sms'],
  passkey: ['passkey'],
  identity_provider: ['fed'],
  browser_session: [],
  old_token: [],
}

const secondMethods: Record<SecondFactor, string[]> = {
  authenticator: ['otp'],
  recovery_code: ['otp'],
  passkey: ['passkey'],
}
