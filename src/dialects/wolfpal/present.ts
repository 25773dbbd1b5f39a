import { createHash } from 'node:crypto'
import type { Account } from '../../core/accounts/account.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Tokens } from '../../core/sessions/tokens.ts'
import type { Enrolment } from '../../core/sign-in/second-factor-enrolment.ts'
import { deviceOf } from '../../http/device.ts'

export function presentTokens({ accessToken, refreshToken }: Tokens) {
  return { access_token: accessToken, refresh_token: refreshToken }
}

/** What the account says of itself to its owner. Accounts of other doors may have no user name. */
export function presentUser(account: Account, hasTwoFactor: boolean) {
  return {
    _id: account.id,
    username: account.username,
    email: account.email,
    twoFactor: hasTwoFactor,
    emailVerified: account.email_verified_at !== null,
    isBanned: account.disabled_at !== null,
    role: 'user',
    slug: account.username?.toLowerCase() ?? null,
    createdAt: new Date(account.created_at).toISOString(),
    updatedAt: new Date(account.updated_at).toISOString(),
  }
}

/**
 * `ownToken` is the access token that asks, where it is of this session: by its hash clients find which session is theirs.
 * Where a session was opened is not looked up.
 */
export function presentSession(session: Session, ownToken: string | undefined) {
  return {
    _id: session.id,
    ...(ownToken !== undefined && { accessTokenHash: createHash('sha512').update(ownToken).digest('hex') }),
    device: { ...presentDevice(session), isDev: false },
    location: 'unknown',
    expireAt: new Date(session.idle_expires_at).toISOString(),
    createdAt: new Date(session.created_at).toISOString(),
  }
}

function presentDevice(session: Session) {
  const { browser = 'unknown', version = 'unknown', platform = 'unknown', os, osVersion } = deviceOf(session)
  return { browser, version, platform, os: [os, osVersion].filter(Boolean).join(' ') || 'unknown' }
}

/** With the QR code as a PNG in a `data:` URL. Clients know some of the fields by another name. */
export async function presentEnrolment({ secret, uri, recoveryCodes }: Enrolment) {
  const { toDataURL } = await import('qrcode')
  const qrCode = await toDataURL(uri)
  return { qrCode, secret, backupCodes: recoveryCodes, qrcode: qrCode, twoFactorSecret: secret }
}
