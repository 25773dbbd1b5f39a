import type { ImportRecord } from '../../core/imports/neutral.ts'
import type { Reading } from '../entry-of.ts'
import type { JsonObject } from '../read/entry.ts'
import { asAddresses } from '../values/addresses.ts'
import { asBase32 } from '../values/bytes.ts'
import { asObject } from '../values/object.ts'
import { asBoolean, asText } from '../values/text.ts'
import { asTime } from '../values/time.ts'

export type WolfpalSession = NonNullable<ImportRecord['sessions']>[number]

/** A session that is still good; `undefined` for one that is over. */
export function readWolfpalSession(session: JsonObject, now: number): WolfpalSession | undefined {
  const hash = asText(session.refreshTokenHash)
  const expiresAt = asTime(session.expireAt)
  const isLive =
    expiresAt !== undefined && Date.parse(expiresAt) > now && asBoolean(session.isRevoked) !== true
  if (!isLive || hash === undefined || !/^[0-9a-f]{128}$/i.test(hash)) return undefined
  return { refreshHash: `sha512:${hash.toLowerCase()}`, expiresAt }
}

/** A user of WolfPal with the sessions that are still good. Ids and times are plain already. */
export function readWolfpalUser(user: JsonObject, sessions: WolfpalSession[]): Reading {
  const id = asText(user._id)
  const { dropped, ...secondFactor } = readSecondFactor(user)
  return {
    record: {
      sourceId: id,
      id,
      email: asText(user.email),
      emailVerified: asBoolean(user.emailVerified),
      username: asText(user.username),
      passwordHash: asText(user.password),
      disabled: asBoolean(user.isBanned) || undefined,
      createdAt: asTime(user.createdAt),
      lastSignInAt: asTime(user.lastLogin),
      knownAddresses: asAddresses([user.lastLoginIP]),
      profile: {
        slug: asText(user.slug),
        streamerMode: asBoolean(user.streamerMode),
        notifications: asObject(user.notifications),
      },
      attributes: { role: asText(user.role) },
      ...secondFactor,
      sessions,
    },
    dropped,
  }
}

/** A secret counts once its first code was right, which `twoFactor` says. */
function readSecondFactor(
  user: JsonObject,
): Pick<ImportRecord, 'totp' | 'recoveryCodes'> & { dropped: string[] } {
  const secret = asBase32(user.twoFactorSecret)
  const isOn = asBoolean(user.twoFactor) === true
  if (!isOn) return { dropped: asText(user.twoFactorSecret) ? ['second factor: never confirmed'] : [] }
  if (secret === undefined) return { dropped: ['totp: has no secret'] }
  const codes = Array.isArray(user.twoFactorBackupCodes) ? user.twoFactorBackupCodes : []
  return {
    totp: [{ secret, algorithm: 'SHA1', digits: 6, period: 30 }],
    recoveryCodes: codes.flatMap((code) => asText(code) ?? []),
    dropped: [],
  }
}
