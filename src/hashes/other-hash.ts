import type { GivenHash } from '../core/imports/neutral.ts'
import { canonicalHash } from './canonical.ts'
import { UnusableHash } from './foreign-hash.ts'
import { readHash } from './read-hash.ts'
import { isWrapped, isWrappedOf } from './wrap.ts'

/** Stands for the id of any secret. */
const anySecret = 'any'

/**
 * Whether a hash that is kept, wrapped or not, was not made of this one; `false` where either cannot be used. Secrets that
 * they need are not compared.
 */
export async function isOtherHash(stored: string, given: string | GivenHash): Promise<boolean> {
  try {
    const canonical = canonicalHash(given, () => anySecret)
    const kept = withAnySecret(stored)
    if (kept === canonical) return false
    return !(isWrapped(kept) && (await isWrappedOf(kept, readHash(canonical))))
  } catch (error) {
    if (error instanceof UnusableHash) return false
    throw error
  }
}

function withAnySecret(stored: string): string {
  const { secretId } = readHash(stored)
  return secretId === undefined ? stored : stored.replace(`secret=${secretId}`, `secret=${anySecret}`)
}
