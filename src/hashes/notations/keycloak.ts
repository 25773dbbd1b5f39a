import { readBase64, writeBase64 } from '../base64.ts'
import { UnusableHash } from '../foreign-hash.ts'
import { writePbkdf2 } from '../kinds/pbkdf2.ts'
import type { Notation } from '../notation.ts'
import { readCount } from '../parameters.ts'

/** What Keycloak's names of PBKDF2 mean. */
const pbkdf2Algorithms: Record<string, string> = {
  pbkdf2: 'sha1',
  'pbkdf2-sha256': 'sha256',
  'pbkdf2-sha512': 'sha512',
}

const argon2Versions = new Map([
  ['1.3', 19],
  ['1.0', 16],
])

/** What stands for the salt where the provider keeps it with the hash. */
const saltInValue = '__SALT__'

/** How Keycloak exports a password: the JSON of a credential, in both of its shapes. */
export const keycloakNotations: Notation[] = [{ form: /^\s*\{\s*"/, translate: translateKeycloak }]

type Fields = Record<string, unknown>

interface Credential {
  algorithm: string
  iterations: number
  salt: string
  value: string
  parameters: Fields
}

/** Throws `UnusableHash`. */
export function translateKeycloak(text: string): string {
  const credential = readCredential(text)
  const { algorithm, iterations, salt, value } = credential
  if (algorithm === 'argon2') return writeArgon2(credential)
  if (algorithm === 'bcrypt') return writeBcrypt(credential)
  const ours = Object.hasOwn(pbkdf2Algorithms, algorithm) && pbkdf2Algorithms[algorithm]
  if (!ours) throw new UnusableHash('a credential of Keycloak of an unknown algorithm')
  const saltBytes = readBase64(salt)
  const key = readBase64(value)
  if (!saltBytes || !key) throw new UnusableHash(`a damaged ${algorithm} of Keycloak`)
  return writePbkdf2({ algorithm: ours, iterations, salt: saltBytes, key })
}

/** Since 8: two JSON texts in one; before: flat. */
function readCredential(text: string): Credential {
  const credential = readObject(text)
  if (credential.type !== undefined && credential.type !== 'password')
    throw new UnusableHash('a credential of Keycloak that is no password')
  const isFlat = credential.hashedSaltedValue !== undefined
  const secret = isFlat ? credential : readObject(credential.secretData)
  const data = isFlat ? credential : readObject(credential.credentialData)
  const salt = textOf(secret.salt)
  return {
    algorithm: textOf(data.algorithm),
    iterations: readCount(textOf(data.hashIterations)),
    salt: salt === saltInValue ? '' : salt,
    value: textOf(isFlat ? secret.hashedSaltedValue : secret.value),
    // It writes the one and reads the other.
    parameters: { ...readObject(data.algorithmData ?? {}), ...readObject(data.additionalParameters ?? {}) },
  }
}

function writeArgon2({ iterations, salt, value, parameters }: Credential): string {
  const type = parameterOf(parameters, 'type') || 'id'
  const version = argon2Versions.get(parameterOf(parameters, 'version') || '1.3')
  const [memory, lanes] = ['memory', 'parallelism'].map((name) => readCount(parameterOf(parameters, name)))
  const saltBytes = readBase64(salt)
  const key = readBase64(value)
  if (!/^(?:id|i|d)$/.test(type) || version === undefined || !saltBytes || !key)
    throw new UnusableHash('a damaged argon2 of Keycloak')
  const cost = `m=${memory},t=${iterations},p=${lanes}`
  return `$argon2${type}$v=${version}$${cost}$${writeBase64(saltBytes)}$${writeBase64(key)}`
}

/** Of a provider that many add: the whole hash, or its last part with the salt apart. */
function writeBcrypt({ iterations, salt, value }: Credential): string {
  if (value.startsWith('$2')) return value
  const bytes = readBase64(salt)
  const written = bytes?.length === 16 ? writeBcryptBase64(bytes) : salt
  return `$2b$${String(iterations).padStart(2, '0')}$${written}${value}`
}

/** bcrypt has base64 with digits of its own. */
function writeBcryptBase64(bytes: Buffer): string {
  const usual = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const ours = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return writeBase64(bytes).replace(/./g, (digit) => ours.charAt(usual.indexOf(digit)))
}

/** A value that is an array of one text, or before 9 a text. */
function parameterOf(parameters: Fields, name: string): string {
  const value = parameters[name]
  return textOf(Array.isArray(value) ? value[0] : value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** An object, or the text of one. */
function readObject(value: unknown): Fields {
  try {
    const read: unknown = typeof value === 'string' ? JSON.parse(value) : value
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read }
  } catch {
    // The reason below says no more, as the error would quote the text.
  }
  throw new UnusableHash('a damaged credential of Keycloak')
}
