import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { createSigner } from 'fast-jwt'
import { type Claims, verifierFor } from '../sessions/jwt.ts'

/** Everything that is derived from one master key. */
export interface MasterKey {
  /** Names the key in the database and to operators, and gives nothing of it away. */
  id: string
  /** Derived keys that are kept when the master key goes: what is hashed with them has no end of its own. */
  retainedKeys: RetainedKeys
  /** HMAC-SHA256 of a message, under a key that serves one purpose. */
  mac(purpose: MacPurpose, message: Buffer | string): Buffer
  signRefreshJwt(claims: Claims): string
  /** The claims of a refresh token that was signed with this key; expiry is left to the caller. */
  verifyRefreshJwt(token: string): Claims | undefined
  /** AES-256-GCM; `context` is bound to the text and must be given again to open it. */
  seal(plain: string, context: string, nonce: Buffer): string
  /** Throws `UnsealError` when the text was not sealed with this key and context. */
  unseal(sealed: string, context: string): string
}

const retainedPurposes = ['recovery-code', 'audit-subject'] as const
const endingPurposes = [
  'refresh-token',
  'session-handle',
  'short-code',
  'code-asker',
  'limit-key',
  'form',
  'notice',
  'passkey',
  'hash-secret',
  'decoy',
  'identity',
  'dpop-nonce',
] as const
const macPurposes = [...endingPurposes, ...retainedPurposes]

export type MacPurpose = (typeof macPurposes)[number]

export type RetainedKeys = Record<(typeof retainedPurposes)[number], Buffer>

/** Something was sealed with another master key or for another purpose, or was damaged since. */
export class UnsealError extends Error {}

const masterKeyBytes = 32
export const nonceBytes = 12
const tagBytes = 16
const idBytes = 6

/** Derives every symmetric key (HKDF-SHA256, RFC 5869) from the 32 bytes of a master key, which is kept nowhere. */
export function deriveMasterKey(masterKey: Buffer): MasterKey {
  if (masterKey.length !== masterKeyBytes) throw new Error(`the master key must be ${masterKeyBytes} bytes`)
  const derive = (purpose: string, length = 32) =>
    Buffer.from(hkdfSync('sha256', masterKey, '', `manydoors ${purpose}`, length))
  // As key objects, which are seven times as quick as bytes.
  const macKeys = byPurpose(macPurposes, (purpose) => createSecretKey(derive(purpose)))
  const refreshJwtKey = derive('refresh-jwt')
  const signRefreshJwt = createSigner({
    key: refreshJwtKey,
    algorithm: 'HS256',
    header: { alg: 'HS256', typ: 'refresh+jwt' },
  })

  return {
    id: derive('key-id', idBytes).toString('hex'),
    retainedKeys: forRetained(derive),
    mac: (purpose, message) => createHmac('sha256', macKeys[purpose]).update(message).digest(),
    signRefreshJwt,
    verifyRefreshJwt: verifierFor(signRefreshJwt, { key: refreshJwtKey, algorithm: 'HS256' }),
    // Given as bytes, a cipher takes five times as long.
    ...sealing(createSecretKey(derive('seal'))),
  }
}

function byPurpose<Purpose extends string, T>(
  purposes: readonly Purpose[],
  make: (purpose: Purpose) => T,
): Record<Purpose, T> {
  return Object.fromEntries(purposes.map((purpose) => [purpose, make(purpose)])) as Record<Purpose, T>
}

/** What `make` makes of each purpose whose key is retained. */
export function forRetained<T>(make: (purpose: keyof RetainedKeys) => T): Record<keyof RetainedKeys, T> {
  return byPurpose(retainedPurposes, make)
}

/** AES-256-GCM under a key of 256 bits. */
export function sealing(key: KeyObject): Pick<MasterKey, 'seal' | 'unseal'> {
  return {
    seal(plain, context, nonce) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
      return Buffer.concat([
        nonce,
        cipher.update(plain, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ]).toString('base64url')
    },
    unseal(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
          .setAAD(Buffer.from(context))
          .setAuthTag(bytes.subarray(-tagBytes))
        return (
          decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
        )
      } catch (error) {
        throw new UnsealError(`what was sealed for ${context} cannot be opened`, { cause: error })
      }
    },
  }
}
