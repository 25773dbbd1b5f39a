import type { ForeignHash } from './foreign-hash.ts'
import { isSame } from './same-bytes.ts'

/** How a digest comes from a password, with all of a hash's parameters and its salt, but without its digest. */
export interface Derivation {
  /** Kind and parameters as text, from which the same derivation is read again: `md5-crypt$1$saltsalt`. */
  recipe: string
  label: string
  costMs: number
  runsOn: 'pool' | 'caller'
  secretId?: string
  isFast: boolean
  /** `undefined` where no password that is so can be the right one, or the secret is missing. */
  digestOf(password: string, secret?: Buffer): Buffer | undefined | Promise<Buffer | undefined>
}

/** A hash that holds for a password when this digest comes out of it. */
export function hashOf(derivation: Derivation, digest: Buffer): ForeignHash {
  const { recipe, label, costMs, runsOn, secretId, isFast } = derivation
  return {
    label,
    costMs,
    runsOn,
    ...(secretId !== undefined && { secretId }),
    isFast,
    matches: async (password, secret) => {
      const derived = await deriveDigest(derivation, password, secret)
      return derived !== undefined && isSame(derived, digest)
    },
    legacy: { recipe, digest },
  }
}

/** The digest of a password; `undefined` where none can be the right one, as for no password at all. */
export async function deriveDigest(
  { secretId, digestOf }: Derivation,
  password: string,
  secret: Buffer | undefined,
): Promise<Buffer | undefined> {
  if (password === '' || (secretId !== undefined && !secret)) return undefined
  return digestOf(password, secret)
}
