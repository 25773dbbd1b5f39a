import { TOTP, URI } from 'otpauth'
import type { ImportedTotp, ImportRecord } from '../../core/imports/neutral.ts'
import type { JsonObject } from '../read/entry.ts'
import { asObject, asObjects } from '../values/object.ts'
import { asBoolean, asText } from '../values/text.ts'

/** What the credentials of an identity come to. */
export interface KratosCredentials
  extends Pick<ImportRecord, 'passwordHash' | 'password' | 'totp' | 'recoveryCodes' | 'identities'> {
  /** What the person signs in with besides a password's secret, in small letters. */
  identifiers: string[]
  dropped: string[]
}

/** The credentials of an identity of Ory Kratos, an object by their types. */
export function readKratosCredentials(given: unknown): KratosCredentials {
  const credentials = asObject(given) ?? {}
  const configOf = (type: string) => asObject(asObject(credentials[type])?.config)
  const password = readPassword(credentials.password, configOf('password'))
  const totp = readTotp(credentials.totp, configOf('totp'))
  return {
    ...password.read,
    totp: totp.read,
    recoveryCodes: unusedCodes(configOf('lookup_secret')),
    identities: ['oidc', 'saml'].flatMap((type) => identitiesOf(credentials[type], configOf(type))),
    identifiers: identifiersOf(credentials.password),
    dropped: [...password.dropped, ...totp.dropped, ...passkeys(credentials)],
  }
}

function readPassword(credential: unknown, config: JsonObject | undefined) {
  const hash = asText(config?.hashed_password)
  if (hash !== undefined) return { read: hashOf(hash), dropped: [] }
  if (!asObject(credential)) return { read: {}, dropped: [] }
  const why = asBoolean(config?.use_password_migration_hook)
    ? 'known to the migration hook alone'
    : 'not in the export: ask for it with include_credential=password'
  return { read: {}, dropped: [`password: ${why}`] }
}

/** What Kratos writes as others do, but means otherwise: `ln` is N itself here. All else says by itself what it is. */
function hashOf(hash: string): Pick<ImportRecord, 'passwordHash' | 'password'> {
  return hash.startsWith('$scrypt$') ? { password: { kind: 'scrypt-kratos', hash } } : { passwordHash: hash }
}

function readTotp(credential: unknown, config: JsonObject | undefined) {
  const url = asText(config?.totp_url)
  if (url === undefined)
    return {
      read: [],
      dropped: asObject(credential)
        ? ['totp: not in the export: ask for it with include_credential=totp']
        : [],
    }
  const totp = parseTotp(url)
  return totp ? { read: [totp], dropped: [] } : { read: [], dropped: ['totp: cannot be read'] }
}

function parseTotp(url: string): ImportedTotp | undefined {
  try {
    const parsed = URI.parse(url)
    if (!(parsed instanceof TOTP)) return undefined
    const { secret, algorithm, digits, period } = parsed
    return { secret: secret.base32, algorithm: algorithm.replace('-', ''), digits, period }
  } catch {
    return undefined
  }
}

/** One that was used has the time of it, or that of Go which means none. */
function unusedCodes(config: JsonObject | undefined): string[] {
  return asObjects(config?.recovery_codes).flatMap(({ code, used_at }) => {
    const text = asText(code)
    const isUnused = (asText(used_at) ?? '0001').startsWith('0001')
    return text !== undefined && isUnused ? [text] : []
  })
}

function identitiesOf(
  credential: unknown,
  config: JsonObject | undefined,
): { provider: string; subject: string }[] {
  const linked = asObjects(config?.providers).flatMap((given) => {
    const provider = asText(given.provider)
    const subject = asText(given.subject)
    return provider && subject ? [{ provider, subject }] : []
  })
  if (linked.length > 0) return linked
  // Without `include_credential` only these are there, such as `google:1177`.
  return identifiersOf(credential).flatMap((identifier) => {
    const [, provider, subject] = /^([^:]+):(.+)$/s.exec(identifier) ?? []
    return provider && subject ? [{ provider, subject }] : []
  })
}

function identifiersOf(credential: unknown): string[] {
  const identifiers = asObject(credential)?.identifiers
  return Array.isArray(identifiers) ? identifiers.flatMap((identifier) => asText(identifier) ?? []) : []
}

function passkeys(credentials: JsonObject): string[] {
  return asObject(credentials.webauthn) || asObject(credentials.passkey) ? ['passkey'] : []
}
