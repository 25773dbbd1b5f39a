import { createHash, createPublicKey, type JsonWebKey } from 'node:crypto'
import { z } from 'zod'
import { isPublishedKey } from './published-keys.ts'
import { secretSetting } from './setting-types.ts'

const minLength = 32
const maxKeys = 20

const keysRule = `must be up to ${maxKeys} keys of ${minLength} characters or more, without blanks and commas (openssl rand -base64 32)`
const secretRule = `must be ${minLength} characters or more`
const jwksRule = 'must be a JSON Web Key Set of public keys for RS256, ES256, ES384 or EdDSA'

/** A key as it is kept. */
export interface ServiceKey {
  /** Its SHA-256, in hex. */
  digest: string
  /** It is in documents. */
  isPublished: boolean
}

/** A list, or a text in which they are separated by commas or white space. */
const serviceKeys = z
  .union(
    [z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean))],
    keysRule,
  )
  .refine((keys) => keys.length > 0 && keys.length <= maxKeys && keys.every(isKey), {
    error: keysRule,
    abort: true,
  })
  .transform((keys) => keys.map(kept))

function kept(key: string): ServiceKey {
  return { digest: createHash('sha256').update(key).digest('hex'), isPublished: isPublishedKey(key) }
}

function isKey(text: string): boolean {
  return text.length >= minLength && !/[\s,]/.test(text)
}

/** A key that tokens are checked with, and the algorithm that it is for. */
export interface CheckingKey {
  key: JsonWebKey
  algorithm: 'RS256' | 'ES256' | 'ES384' | 'EdDSA'
}

/** RFC 7517 §5, the bare list of its keys, or either as text. Nothing is kept of private ones but what is public. */
const keySet = z.unknown().transform((given, ctx): CheckingKey[] => {
  const keys = keysOf(given)?.map(readKey) ?? []
  if (keys.length > 0 && keys.length <= maxKeys && keys.every((key) => key !== undefined)) return keys
  ctx.addIssue({ code: 'custom', message: jwksRule })
  return z.NEVER
})

function keysOf(given: unknown): unknown[] | undefined {
  const value = typeof given === 'string' ? parsed(given) : given
  if (Array.isArray(value)) return value
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined
  return Array.isArray(keys) ? keys : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readKey(given: unknown): CheckingKey | undefined {
  try {
    const read = createPublicKey({ key: given as JsonWebKey, format: 'jwk' })
    const { kty, crv } = read.export({ format: 'jwk' })
    const algorithm = algorithms.get(`${kty} ${crv ?? ''}`.trim())
    const isMeant = (given as JsonWebKey).alg === undefined || (given as JsonWebKey).alg === algorithm
    return algorithm && isMeant ? { key: read.export({ format: 'jwk' }), algorithm } : undefined
  } catch {
    return undefined
  }
}

/** By the kind of the key, and its curve. */
const algorithms = new Map<string, CheckingKey['algorithm']>([
  ['RSA', 'RS256'],
  ['EC P-256', 'ES256'],
  ['EC P-384', 'ES384'],
  ['OKP Ed25519', 'EdDSA'],
])

/** What an app's back end shows to manage accounts: keys of its own, and tokens that another system has signed. */
export function serviceKeySettings() {
  return {
    ...secretSetting(
      'serviceKeys',
      serviceKeys,
      'Keys with which back ends of apps manage accounts: whoever has one reads, changes and deletes all of the realm',
    ),
    ...secretSetting(
      'legacyJwtSecret',
      z.string(secretRule).min(minLength, secretRule),
      'The secret of the server before this one: tokens of a service that it signs by HS256 are taken for a service key',
    ),
    ...secretSetting(
      'serviceJwks',
      keySet,
      'Public keys (a JSON Web Key Set): tokens of a service that they sign are taken for a service key',
    ),
  }
}
