import type { GivenHash } from '../../core/imports/neutral.ts'
import type { JsonObject } from '../read/entry.ts'
import { asBase64 } from '../values/bytes.ts'
import { asObject } from '../values/object.ts'
import { asText } from '../values/text.ts'

/** A hash as the neutral form has it, or why there is none. */
export type Auth0Hash = { passwordHash: string } | { password: GivenHash } | { dropped: string }

const selfDescribing = new Set(['argon2', 'bcrypt', 'ldap', 'pbkdf2'])
const digests = new Set(['md4', 'md5', 'sha1', 'sha256', 'sha512'])

/** Reads `custom_password_hash` of the files that Auth0 imports. */
export function readCustomHash(custom: JsonObject): Auth0Hash {
  const algorithm = asText(custom.algorithm)?.toLowerCase() ?? ''
  const hash = asObject(custom.hash)
  const value = asText(hash?.value)
  const passwordEncoding = asText(asObject(custom.password)?.encoding)?.toLowerCase() ?? 'utf8'
  if (!hash || !value) return { dropped: 'password hash: damaged' }
  if (!['utf8', 'ascii'].includes(passwordEncoding))
    return { dropped: 'password hash: of passwords that are not in UTF-8' }
  if (selfDescribing.has(algorithm) || value.startsWith('$')) return { passwordHash: value }
  if (algorithm === 'scrypt') return readScrypt(custom, hash, value)
  if (algorithm === 'hmac')
    return { password: { ...digestOf(custom, hash, value), ...keyOf(hash), kind: 'hmac' } }
  if (digests.has(algorithm)) return { password: { ...digestOf(custom, hash, value), algorithm } }
  return { dropped: 'password hash: of an unknown kind' }
}

function digestOf(custom: JsonObject, hash: JsonObject, value: string): GivenHash {
  const salt = asObject(custom.salt)
  const encoding = asText(hash.encoding) ?? 'hex'
  if (!salt) return { kind: 'digest', hash: value, encoding, format: '{password}' }
  return {
    kind: 'digest',
    hash: value,
    encoding,
    format: salt.position === 'suffix' ? '{password}{salt}' : '{salt}{password}',
    salt: exactText(salt.value),
    saltEncoding: asText(salt.encoding) ?? 'utf8',
  }
}

function keyOf(hash: JsonObject): { algorithm: string; key: string; keyEncoding: string } {
  const key = asObject(hash.key)
  return {
    algorithm: asText(hash.digest)?.toLowerCase() ?? '',
    key: exactText(key?.value),
    keyEncoding: asText(key?.encoding) ?? 'utf8',
  }
}

/** Every byte of a salt counts, blanks included. */
function exactText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Auth0 has the parameters apart; in the PHC form N is told by its logarithm. */
function readScrypt(custom: JsonObject, hash: JsonObject, value: string): Auth0Hash {
  const salt = asObject(custom.salt)
  const [saltBytes, hashBytes] = [bytesOf(salt?.value, salt?.encoding), bytesOf(value, hash.encoding)]
  const ln = Math.log2(Number(custom.cost ?? 16_384))
  const [r, p] = [Number(custom.blockSize ?? 8), Number(custom.parallelization ?? 1)]
  if (!saltBytes || !hashBytes || ![ln, r, p].every((count) => Number.isInteger(count) && count > 0))
    return { dropped: 'password hash: damaged' }
  const [saltText, hashText] = [saltBytes, hashBytes].map(phcBase64)
  return { passwordHash: `$scrypt$ln=${ln},r=${r},p=${p}$${saltText}$${hashText}` }
}

function bytesOf(value: unknown, encoding: unknown): Buffer | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  if (encoding === 'base64') return asBase64(value)
  if (encoding === 'hex') return /^([0-9a-f]{2})+$/i.test(value) ? Buffer.from(value, 'hex') : undefined
  return Buffer.from(value)
}

function phcBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
