import { type ForeignHash, UnusableHash } from './foreign-hash.ts'
import { readArgon2 } from './kinds/argon2.ts'
import { readBcrypt, readExtendedBcrypt } from './kinds/bcrypt.ts'
import { readDigest } from './kinds/digest.ts'
import { readFirebaseScrypt } from './kinds/firebase-scrypt.ts'
import { readMd5Crypt } from './kinds/md5-crypt.ts'
import { readPbkdf2 } from './kinds/pbkdf2.ts'
import { readDrupal7, readPhpass } from './kinds/phpass.ts'
import { readScram } from './kinds/scram.ts'
import { readScrypt } from './kinds/scrypt.ts'
import { readShaCrypt } from './kinds/sha-crypt.ts'
import { nameOfRefused } from './refused.ts'
import { readWrapped } from './wrap.ts'

/** No hash of any kind is longer. */
const maxLength = 4096

/** The kinds that are kept, by how their texts begin. */
const kinds: [prefix: string, read: (stored: string) => ForeignHash][] = [
  ['$2', readBcrypt],
  ['$argon2', readArgon2],
  ['$scrypt$', readScrypt],
  ['$pbkdf2-', readPbkdf2],
  ['SCRAM-SHA-256$', readScram],
  ['$1$', readMd5Crypt],
  ['$apr1$', readMd5Crypt],
  ['$5$', readShaCrypt],
  ['$6$', readShaCrypt],
  ['$P$', readPhpass],
  ['$H$', readPhpass],
  ['$S$', readDrupal7],
  ['U$S$', readDrupal7],
  ['$md-wrapped$', readWrapped],
  ['$md$bcrypt$', readExtendedBcrypt],
  ['$md$digest$', readDigest],
  ['$md$firebase-scrypt$', readFirebaseScrypt],
]

/**
 * Reads a hash as it is kept (`canonicalHash`). Throws `UnusableHash` for whatever is none, or would cost more than it may:
 * the row may have been written by hand.
 */
export function readHash(stored: string): ForeignHash {
  if (stored.length > maxLength) throw new UnusableHash('too long')
  const [, read] = kinds.find(([prefix]) => stored.startsWith(prefix)) ?? []
  if (!read) throw new UnusableHash(nameOfRefused(stored) ?? 'of an unknown kind')
  return read(stored)
}
