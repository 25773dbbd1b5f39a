import type { GivenHash } from '../core/imports/neutral.ts'
import { readBase64, readHex } from './base64.ts'
import { UnusableHash } from './foreign-hash.ts'
import { writeExtendedBcrypt } from './kinds/bcrypt.ts'
import { writeDigest } from './kinds/digest.ts'
import type { KeepSecret } from './notation.ts'
import { translateAspnet } from './notations/aspnet.ts'
import { writeFirebase } from './notations/firebase.ts'
import { translateKeycloak } from './notations/keycloak.ts'
import { translateKratos } from './notations/scrypt.ts'
import { readCount } from './parameters.ts'
import { readHash } from './read-hash.ts'

/** Devise and its like have none that is longer. */
const maxPepperBytes = 256

/** The kinds whose text does not say everything, and how each becomes one that does. */
const givenKinds: Record<string, (given: GivenHash, keepSecret: KeepSecret) => string> = {
  bcrypt: fromBcrypt,
  'scrypt-phc': fromScrypt,
  'scrypt-kratos': ({ hash }) => translateKratos(hash),
  'firebase-scrypt': fromFirebase,
  keycloak: ({ hash }) => translateKeycloak(hash),
  'aspnet-identity': ({ hash }) => translateAspnet(hash),
  'aspnet-membership': fromMembership,
  digest: fromDigest,
  hmac: fromDigest,
  manydoors: fromExport,
}

/** The kinds whose text says everything: it is read without a look at the kind. */
const textKinds = new Set([
  'argon2i',
  'argon2d',
  'argon2id',
  'apr1',
  'better-auth-scrypt',
  'django-argon2',
  'django-bcrypt',
  'django-bcrypt-sha256',
  'django-pbkdf2',
  'django-scrypt',
  'drupal7',
  'firebase-scrypt-string',
  'ldap',
  'ldap-pbkdf2',
  'md5-crypt',
  'passlib-bcrypt-sha256',
  'pbkdf2-passlib',
  'pbkdf2-phc',
  'phpass',
  'scram-sha-256',
  'scrypt-crypt7',
  'sha256-crypt',
  'sha512-crypt',
  'spring',
  'werkzeug-pbkdf2',
  'werkzeug-scrypt',
  'wordpress-bcrypt',
])

/** The hash as a text that says by itself what it is. Throws `UnusableHash`. */
export function textOfGiven(given: GivenHash, keepSecret: KeepSecret): string {
  const { kind, hash } = given
  if (typeof hash !== 'string' || hash === '') throw new UnusableHash('empty')
  const read = Object.hasOwn(givenKinds, kind) && givenKinds[kind]
  if (read) return read(given, keepSecret)
  if (textKinds.has(kind)) return hash
  throw new UnusableHash('of an unknown kind')
}

/** A hash as another server of ours has kept it, with the secret that has another id there. */
function fromExport(given: GivenHash, keepSecret: KeepSecret): string {
  const { secretId } = readHash(given.hash)
  const secret = readBase64(textIn(given, 'secret') ?? '')
  if (secretId === undefined || !secret || secret.length === 0)
    throw new UnusableHash('of manydoors without its secret')
  return given.hash.replace(`secret=${secretId}`, () => `secret=${keepSecret(secret)}`)
}

/** The pepper stands behind the password. */
function fromBcrypt(given: GivenHash, keepSecret: KeepSecret): string {
  const { hash, pepperPosition = 'suffix' } = given
  const pepper = Buffer.from(textIn(given, 'pepper') ?? '')
  if (pepper.length === 0) return hash
  if (pepperPosition !== 'suffix') throw new UnusableHash('bcrypt with a pepper before the password')
  // bcrypt ends at a NUL.
  if (pepper.length > maxPepperBytes || pepper.includes(0))
    throw new UnusableHash('bcrypt with an impossible pepper')
  if (!hash.startsWith('$2')) throw new UnusableHash('a damaged bcrypt')
  return writeExtendedBcrypt(hash, { prehash: 'none', secretId: keepSecret(pepper) })
}

/** Kratos writes N itself under the same name. */
function fromScrypt({ hash }: GivenHash): string {
  const ln = /^\$scrypt\$ln=(\d{1,12}),/.exec(hash)?.[1]
  if (Number(ln) > 30) throw new UnusableHash(`scrypt of N=2^${ln}`)
  return hash
}

function fromFirebase(given: GivenHash, keepSecret: KeepSecret): string {
  const [salt, signerKey] = [textIn(given, 'salt'), textIn(given, 'signerKey')]
  if (signerKey === undefined) throw new UnusableHash('firebase-scrypt without its signer key')
  if (salt === undefined) throw new UnusableHash('firebase-scrypt without its salt')
  const saltSeparator = textIn(given, 'saltSeparator') ?? ''
  const [rounds, memCost] = [countIn(given, 'rounds'), countIn(given, 'memCost')]
  return writeFirebase({ hash: given.hash, salt, signerKey, saltSeparator, rounds, memCost }, keepSecret)
}

/** SHA-1 over the salt and the password in UTF-16. */
function fromMembership(given: GivenHash): string {
  const salt = readBase64(textIn(given, 'salt') ?? '')
  const digest = readBase64(given.hash)
  if (!salt || !digest) throw new UnusableHash('a damaged aspnet-membership')
  const algorithm = textIn(given, 'algorithm') ?? 'sha1'
  return writeDigest({ algorithm, format: '{salt}{password}', salt, digest, encoding: 'utf16le' })
}

/** Digests and HMACs, the latter with a key. */
function fromDigest(given: GivenHash, keepSecret: KeepSecret): string {
  const algorithm = (textIn(given, 'algorithm') ?? '').toLowerCase().replace('-', '')
  if (algorithm === 'md4') throw new UnusableHash('md4')
  const digest = bytesOf(given.hash, textIn(given, 'encoding') ?? 'hex')
  const salt = bytesOf(textIn(given, 'salt') ?? '', textIn(given, 'saltEncoding') ?? 'utf8')
  if (!digest || !salt) throw new UnusableHash(`a damaged ${given.kind}`)
  const format = textIn(given, 'format') ?? '{password}'
  const rounds = given.rounds === undefined ? 1 : countIn(given, 'rounds')
  const parts = { algorithm, format, salt, digest, rounds }
  // Checked before the key is kept.
  const text = writeDigest(parts)
  if (given.kind !== 'hmac') return text
  const key = bytesOf(textIn(given, 'key') ?? '', textIn(given, 'keyEncoding') ?? 'utf8')
  if (!key || key.length === 0) throw new UnusableHash('an hmac without its key')
  if (rounds !== 1) throw new UnusableHash('an hmac of several rounds')
  return writeDigest({ ...parts, secretId: keepSecret(key) })
}

/** `undefined` when the text is not so written. An empty one is no bytes. */
function bytesOf(text: string, encoding: string): Buffer | undefined {
  if (text === '' || encoding === 'utf8') return Buffer.from(text)
  if (encoding === 'hex') return readHex(text)
  return encoding === 'base64' ? readBase64(text) : undefined
}

function textIn(given: GivenHash, name: string): string | undefined {
  const value = given[name]
  return typeof value === 'string' ? value : undefined
}

/** A number, or the text of one; `NaN` for anything else. */
function countIn(given: GivenHash, name: string): number {
  const value = given[name]
  return typeof value === 'number' || typeof value === 'string' ? readCount(String(value)) : Number.NaN
}
