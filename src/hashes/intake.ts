import type { HashIntake, TakenHash } from '../core/imports/hash-intake.ts'
import type { GivenHash } from '../core/imports/neutral.ts'
import { canonicalHash } from './canonical.ts'
import { type ForeignHash, UnusableHash } from './foreign-hash.ts'
import { isOtherHash } from './other-hash.ts'
import { readHash } from './read-hash.ts'
import { wrap } from './wrap.ts'

/** What an intake is made of. */
export interface IntakeOptions {
  /** What is hashed once more: what is fast, whatever can be, or nothing. */
  wrap: 'fast' | 'all' | 'none'
  /** Hashes a text as passwords are hashed here. */
  hash(digest: string): Promise<string>
  /** Whether a stored hash is as good as one that `hash` makes. */
  isOwn(stored: string): boolean
  /** Keeps a secret that hashes were made with, and returns its id. */
  keepSecret(secret: Buffer): Promise<string>
}

/** Takes hashes of other systems for an import. It throws nothing that has to do with what it is given. */
export function createIntake(options: IntakeOptions): HashIntake {
  return {
    take: async (given) => {
      try {
        return await takeHash(await canonicalOf(given, options), options)
      } catch (error) {
        if (error instanceof UnusableHash) return { refused: error.reason }
        throw error
      }
    },
    isOther: isOtherHash,
  }
}

/** A secret is kept once it is clear that the hash can be used. */
async function canonicalOf(given: string | GivenHash, { keepSecret }: IntakeOptions): Promise<string> {
  let found: Buffer | undefined
  const text = canonicalHash(given, (secret) => {
    found = secret
    return 'found'
  })
  if (!found) return text
  const id = await keepSecret(found)
  return canonicalHash(given, () => id)
}

async function takeHash(canonical: string, options: IntakeOptions): Promise<TakenHash> {
  const foreign = readHash(canonical)
  const isWrapped = isToWrap(foreign, options.wrap)
  const stored = isWrapped ? await wrap(foreign, options.hash) : canonical
  const { label, costMs } = isWrapped ? readHash(stored) : foreign
  return { stored, label: options.isOwn(stored) ? undefined : label, costMs, isWrapped }
}

function isToWrap({ isFast, legacy }: ForeignHash, which: IntakeOptions['wrap']): boolean {
  if (which === 'none' || !legacy) return false
  return which === 'all' || isFast
}
