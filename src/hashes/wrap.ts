import { type Derivation, deriveDigest } from './derivation.ts'
import { type ForeignHash, UnusableHash } from './foreign-hash.ts'
import { readArgon2 } from './kinds/argon2.ts'
import { digestFrom } from './kinds/digest.ts'
import { firebaseScryptFrom } from './kinds/firebase-scrypt.ts'
import { md5CryptFrom } from './kinds/md5-crypt.ts'
import { pbkdf2From } from './kinds/pbkdf2.ts'
import { drupal7From, phpassFrom } from './kinds/phpass.ts'
import { scramFrom } from './kinds/scram.ts'
import { scryptFrom } from './kinds/scrypt.ts'
import { shaCryptFrom } from './kinds/sha-crypt.ts'

const prefix = '$md-wrapped$'

/** What reads the recipes of each kind. */
const derivations: Record<string, (parameters: string) => Derivation> = {
  digest: digestFrom,
  'md5-crypt': md5CryptFrom,
  phpass: phpassFrom,
  drupal7: drupal7From,
  'sha-crypt': shaCryptFrom,
  pbkdf2: pbkdf2From,
  scrypt: scryptFrom,
  'firebase-scrypt': firebaseScryptFrom,
  'scram-sha-256': scramFrom,
}

/**
 * Hashes the digest of a hash once more, so that the text to keep is no easier to break than one of our own:
 * `$md-wrapped$kind$parameters$argon2id…`. `hash` is what hashes passwords. Throws `UnusableHash` where there is no digest
 * (`ForeignHash.legacy`).
 */
export async function wrap(
  { label, legacy }: ForeignHash,
  hash: (digest: string) => Promise<string>,
): Promise<string> {
  if (!legacy) throw new UnusableHash(`${label} cannot be wrapped`)
  return `${prefix}${legacy.recipe}${await hash(asPassword(legacy.digest))}`
}

/** Whether it is what `wrap` writes. */
export function isWrapped(text: string): boolean {
  return text.startsWith(prefix)
}

/** Whether it is that hash which was wrapped. */
export async function isWrappedOf(text: string, { legacy }: ForeignHash): Promise<boolean> {
  if (!legacy) return false
  const start = prefix.length + legacy.recipe.length
  if (text.slice(prefix.length, start) !== legacy.recipe || !text.startsWith('$argon2id$', start))
    return false
  // Those of crypt(3) draw a salt with each password. Others may keep it, or have none.
  if (/^(?:md5-crypt|sha-crypt|phpass|drupal7)\$/.test(legacy.recipe)) return true
  return readArgon2(text.slice(start)).matches(asPassword(legacy.digest))
}

/** Reads what `wrap` writes. */
export function readWrapped(text: string): ForeignHash {
  const start = text.lastIndexOf('$argon2id$')
  const [, kind = '', parameters] =
    /^([a-z0-9-]+)\$(.*)$/s.exec(text.slice(prefix.length, Math.max(0, start))) ?? []
  if (parameters === undefined || !Object.hasOwn(derivations, kind))
    throw new UnusableHash('a damaged wrapped hash')
  const derivation = derivations[kind]?.(parameters) as Derivation
  const { label, costMs, runsOn, secretId } = derivation
  const own = readArgon2(text.slice(start))
  return {
    label: `wrapped ${label}`,
    costMs: costMs + own.costMs,
    runsOn,
    ...(secretId !== undefined && { secretId }),
    isFast: false,
    matches: async (password, secret) => {
      const digest = await deriveDigest(derivation, password, secret)
      return digest !== undefined && own.matches(asPassword(digest))
    },
  }
}

/** ASCII, so that nothing of it depends on how passwords become bytes. */
function asPassword(digest: Buffer): string {
  return digest.toString('base64url')
}
