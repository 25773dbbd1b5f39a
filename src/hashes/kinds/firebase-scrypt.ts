import { createCipheriv } from 'node:crypto'
import { readBase64, writeBase64 } from '../base64.ts'
import { type Derivation, hashOf } from '../derivation.ts'
import { type ForeignHash, UnusableHash } from '../foreign-hash.ts'
import { readCount } from '../parameters.ts'
import { refuseDear, runScrypt, scryptCostMs } from './scrypt.ts'

/** A hash with everything told but the project's signer key, which is a secret of its own. */
export interface FirebaseHash {
  /** The binary logarithm of N: the project's `mem_cost`. */
  ln: number
  /** The project's `rounds`. */
  r: number
  /** The project's, which may be empty. */
  separator: Buffer
  secretId: string
  salt: Buffer
  hash: Buffer
}

/** Reads `$md$firebase-scrypt$ln=…,r=…,secret=…$separator$salt$hash`. */
export function readFirebaseScrypt(text: string): ForeignHash {
  const [, parameters = '', hash = ''] = /^\$md\$firebase-scrypt\$(.*)\$([^$]*)$/s.exec(text) ?? []
  const derivation = firebaseScryptFrom(parameters)
  const bytes = readBase64(hash)
  if (!bytes || bytes.length < 16) throw new UnusableHash('a damaged firebase-scrypt')
  return hashOf(derivation, bytes)
}

/** Writes what `readFirebaseScrypt` reads. */
export function writeFirebaseScrypt({ ln, r, separator, secretId, salt, hash }: FirebaseHash): string {
  const texts = [separator, salt, hash].map(writeBase64)
  return `$md$firebase-scrypt$ln=${ln},r=${r},secret=${secretId}$${texts.join('$')}`
}

/**
 * Of `ln=…,r=…,secret=…`, the separator and the salt. Firebase takes the key that comes out of scrypt to encrypt its signer
 * key, and keeps that.
 */
export function firebaseScryptFrom(parameters: string): Derivation {
  const [, ln, r, secretId, separator = '', salt = ''] =
    /^ln=(\d+),r=(\d+),secret=([A-Za-z0-9_-]+)\$([^$]*)\$([^$]*)$/.exec(parameters) ?? []
  const saltBytes = readBase64(salt)
  const separatorBytes = separator === '' ? Buffer.of() : readBase64(separator)
  if (secretId === undefined || !saltBytes || !separatorBytes)
    throw new UnusableHash('a damaged firebase-scrypt')
  const cost = { ln: readCount(ln), r: readCount(r), p: 1 }
  refuseDear('firebase-scrypt', cost)
  return {
    recipe: `firebase-scrypt$${parameters}`,
    label: `firebase-scrypt 2^${cost.ln},r=${cost.r}`,
    costMs: scryptCostMs(cost),
    runsOn: 'pool',
    secretId,
    isFast: false,
    digestOf: async (password, signerKey) => {
      if (!signerKey) return undefined
      const salted = Buffer.concat([saltBytes, separatorBytes])
      const key = await runScrypt(password, salted, { ...cost, keyBytes: 32 })
      return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(signerKey)
    },
  }
}
