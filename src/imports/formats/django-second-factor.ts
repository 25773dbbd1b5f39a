import type { ImportedTotp } from '../../core/imports/neutral.ts'
import type { Columns } from '../tables/columns.ts'
import type { AccountRow } from '../tables/table-format.ts'
import { totpOf } from '../tables/totp.ts'
import { asBase32, hexAsBase32 } from '../values/bytes.ts'
import { asObject } from '../values/object.ts'
import { ownedRows } from './django-user.ts'

/** What django-otp and django-allauth know of a user's second factor. */
export function secondFactorOf(row: AccountRow): { totp?: ImportedTotp[]; recoveryCodes?: string[] } {
  const authenticators = ownedRows(row, 'mfa_authenticator')
  const totp = [
    ...ownedRows(row, 'otp_totp_totpdevice').flatMap((device) => ofDevice(device, row) ?? []),
    ...authenticators.flatMap((authenticator) => ofAuthenticator(authenticator, row) ?? []),
  ]
  const recoveryCodes = [...staticTokensOf(row), ...authenticators.flatMap((one) => codesOf(one, row))]
  return { ...(totp.length > 0 && { totp }), ...(recoveryCodes.length > 0 && { recoveryCodes }) }
}

/** A device of django-otp, whose key is in hexadecimal. */
function ofDevice(device: Columns, { drop }: AccountRow): ImportedTotp[] | undefined {
  if (device.flag('confirmed') === false) return drop('second factor: never confirmed')
  const secret = hexAsBase32(device.text('key'))
  if (!secret) return drop('second factor: no key in hexadecimal')
  const name = device.text('name')
  const t0 = Number(device.text('t0') ?? 0)
  if (t0 !== 0) return drop('second factor: counts from a time of its own')
  return totpOf(secret, {
    digits: Number(device.text('digits')) || 6,
    period: Number(device.text('step')) || 30,
    ...(name && { name }),
  })
}

/** An authenticator of allauth, whose secret is in base32 where the site has not its own encryption. */
function ofAuthenticator(authenticator: Columns, { drop }: AccountRow): ImportedTotp[] | undefined {
  const type = authenticator.text('type')
  if (type === 'webauthn') return drop('second factor: a passkey or security key')
  if (type !== 'totp') return undefined
  const secret = asBase32(asObject(authenticator.value('data'))?.secret)
  return secret ? totpOf(secret) : drop('second factor: encrypted, or no secret in base32')
}

function staticTokensOf(row: AccountRow): string[] {
  return ownedRows(row, 'otp_static_staticdevice')
    .filter((device) => device.flag('confirmed') !== false)
    .flatMap((device) => row.joined('otp_static_statictoken', device.text('id')))
    .flatMap((token) => token.text('token') ?? [])
}

/** Codes that allauth has taken over from django-otp; its own ones it computes from a seed. */
function codesOf(authenticator: Columns, { drop }: AccountRow): string[] {
  if (authenticator.text('type') !== 'recovery_codes') return []
  const codes = asObject(authenticator.value('data'))?.migrated_codes
  if (Array.isArray(codes)) return codes.filter((code) => typeof code === 'string')
  drop('recovery codes: allauth keeps a seed only')
  return []
}
