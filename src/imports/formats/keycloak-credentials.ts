import type { ImportedTotp, ImportRecord } from '../../core/imports/neutral.ts'
import type { JsonObject } from '../read/entry.ts'
import { asBase32, textAsBase32 } from '../values/bytes.ts'
import { asObject, asObjects } from '../values/object.ts'
import { asText } from '../values/text.ts'

/** What the credentials of a user come to. */
export interface KeycloakCredentials extends Pick<ImportRecord, 'password'> {
  totp: ImportedTotp[]
  dropped: string[]
}

/**
 * The credentials of a user of Keycloak: as JSON texts in `secretData` and `credentialData`, or flat as before version 8.
 * The first password counts; passwords of earlier on are of a type of their own.
 */
export function readKeycloakCredentials(credentials: unknown): KeycloakCredentials {
  const read: KeycloakCredentials = { totp: [], dropped: [] }
  for (const credential of asObjects(credentials)) readCredential(credential, read)
  return read
}

function readCredential(credential: JsonObject, read: KeycloakCredentials): void {
  const type = asText(credential.type)
  if (type === 'password') readPassword(credential, read)
  else if (type === 'otp' || type === 'totp' || type === 'hotp') readAuthenticator(credential, read)
  else if (type !== 'password-history')
    read.dropped.push(leftTypes.get(type ?? '') ?? 'credential: of a type that is not known here')
}

const leftTypes = new Map([
  ['recovery-authn-codes', 'recovery codes: hashed by Keycloak'],
  ['webauthn', 'passkey'],
  ['webauthn-passwordless', 'passkey'],
])

function readPassword(credential: JsonObject, read: KeycloakCredentials): void {
  const { secret, data } = partsOf(credential)
  const value = asText(secret.value) ?? asText(credential.hashedSaltedValue)
  const algorithm = asText(data.algorithm) ?? asText(credential.algorithm)
  const hashIterations = Number(asText(data.hashIterations ?? credential.hashIterations))
  const salt = asText(secret.salt ?? credential.salt)
  if (read.password) read.dropped.push('password: another one')
  else if (!value || !algorithm) read.dropped.push('password: has no hash')
  else
    read.password = {
      kind: 'keycloak',
      hash: JSON.stringify({
        type: 'password',
        secretData: JSON.stringify({ value, salt }),
        credentialData: JSON.stringify({
          hashIterations,
          algorithm,
          additionalParameters: parametersOf(data),
        }),
      }),
    }
}

/** Keycloak writes them under one name and reads them under the other; a value is a list of one, or stands by itself. */
function parametersOf(data: JsonObject): { [name: string]: string[] } {
  const given = { ...asObject(data.algorithmData), ...asObject(data.additionalParameters) }
  const parameters = Object.entries(given).flatMap(([name, value]) => {
    const text = asText(Array.isArray(value) ? value[0] : value)
    return text === undefined ? [] : [[name, [text]]]
  })
  return Object.fromEntries(parameters)
}

function readAuthenticator(credential: JsonObject, read: KeycloakCredentials): void {
  const { secret, data } = partsOf(credential)
  const subType = asText(data.subType) ?? asText(credential.type)
  const value = secret.value ?? credential.value
  // The secret is the text itself, of which Keycloak shows the Base32.
  const base32 =
    asText(data.secretEncoding)?.toUpperCase() === 'BASE32' ? asBase32(value) : textAsBase32(value)
  const algorithm = asText(data.algorithm ?? credential.algorithm) ?? 'HmacSHA1'
  if (subType === 'hotp') read.dropped.push('totp: counts instead of looking at the clock (HOTP)')
  else if (base32 === undefined) read.dropped.push('totp: has no secret')
  else
    read.totp.push({
      secret: base32,
      algorithm: algorithm.replace(/^Hmac/i, '').toUpperCase(),
      digits: Number(asText(data.digits ?? credential.digits) ?? 6),
      period: Number(asText(data.period ?? credential.period) ?? 30),
      ...nameOf(credential),
    })
}

function nameOf({ userLabel }: JsonObject): { name?: string } {
  const name = asText(userLabel)
  return name === undefined ? {} : { name }
}

function partsOf({ secretData, credentialData }: JsonObject): { secret: JsonObject; data: JsonObject } {
  return { secret: asObject(secretData) ?? {}, data: asObject(credentialData) ?? {} }
}
