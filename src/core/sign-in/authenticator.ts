import { Secret, TOTP } from 'otpauth'
import type { RealmContext } from '../context.ts'

const periodSeconds = 30
/** How many time steps a clock may be off, in either direction. */
const window = 1
const secretBytes = 20

/** The form of every code that an authenticator shows. */
export const authenticatorCode = /^\d{6}$/

/** A new secret for an authenticator, in Base32. */
export function makeSecret(ctx: RealmContext): string {
  return new Secret({ buffer: new Uint8Array(ctx.randomBytes(secretBytes)).buffer }).base32
}

/** What the authenticator secret of an account is sealed for. */
export function totpContext(accountId: string): string {
  return `totp ${accountId}`
}

/** The time step that a code of this secret belongs to, if it is right now or was one step ago or will be the next. */
export function stepOf(ctx: Pick<RealmContext, 'now'>, secret: string, code: string): number | undefined {
  // The library throws for other text of the same length.
  if (!authenticatorCode.test(code)) return undefined
  const timestamp = ctx.now()
  const delta = authenticator(secret, '', '').validate({ token: code, timestamp, window })
  return delta === null ? undefined : Math.floor(timestamp / 1000 / periodSeconds) + delta
}

/** Whether an authenticator of another system makes the codes that are checked here. */
export function isAuthenticator(other: { algorithm: string; digits: number; period: number }): boolean {
  return other.algorithm === 'SHA1' && other.digits === 6 && other.period === periodSeconds
}

/** RFC 6238 with what every authenticator app assumes: SHA-1, six digits, 30 seconds. */
export function authenticator(secret: string, issuer: string, label: string): TOTP {
  const shared = Secret.fromBase32(secret)
  return new TOTP({ issuer, label, algorithm: 'SHA1', digits: 6, period: periodSeconds, secret: shared })
}

/** A code without the blanks that apps show in it, as in `123 456`. */
export function withoutBlanks(code: string): string {
  return code.replaceAll(/\s/g, '')
}
