import { type ForeignHash, UnusableHash } from './foreign-hash.ts'
import { readArgon2 } from './kinds/argon2.ts'
import { readBcrypt, readExtendedBcrypt } from './kinds/bcrypt.ts'

/** No hash of any kind is longer. */
const maxLength = 4096

/** The kinds that are kept, by how their texts begin. */
const kinds: [prefix: string, read: (stored: string) => ForeignHash][] = [
  ['$2', readBcrypt],
  ['$argon2', readArgon2],
  ['$md$bcrypt$', readExtendedBcrypt],
]

/**
 * Reads a hash as it is kept (`canonicalHash`). Throws `UnusableHash` for whatever is none, or would cost more than it may:
 * the row may have been written by hand.
 */
export function readHash(stored: string): ForeignHash {
  if (stored.length > maxLength) throw new UnusableHash('too long')
  const [, read] = kinds.find(([prefix]) => stored.startsWith(prefix)) ?? []
  if (!read) throw new UnusableHash('of an unknown kind')
  return read(stored)
}
