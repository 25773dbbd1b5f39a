import { availableParallelism } from 'node:os'
import type { RealmContext } from '../../core/context.ts'
import type { HashIntake } from '../../core/imports/hash-intake.ts'
import { createFairQueue } from '../../core/passwords/fair-queue.ts'
import { keepHashSecret } from '../../core/passwords/hash-secrets.ts'
import { createIntake } from '../../hashes/intake.ts'

/** Which hashes are hashed once more: those that are quick to guess, all that can be, or none. */
export type Wrapping = 'fast' | 'all' | 'none'

/** What brings hashes into the form in which they are kept; a dry run keeps no secret and hashes only once. */
export function intakeFor(
  ctx: RealmContext,
  { wrap, isDryRun }: { wrap: Wrapping; isDryRun: boolean },
): HashIntake {
  const isOwn = (stored: string) => !ctx.hasher.isOutdated(stored)
  if (isDryRun) {
    let any: Promise<string> | undefined
    const hash = async () => (any ??= ctx.hasher.hash('of a dry run', undefined))
    return createIntake({ wrap, isOwn, hash, keepSecret: async () => 'dry-run' })
  }
  // A whole batch at once would be more than the hasher lets wait.
  const queue = createFairQueue({
    concurrency: availableParallelism(),
    places: () => Number.POSITIVE_INFINITY,
  })
  return createIntake({
    wrap,
    isOwn,
    hash: (digest) => queue.run(undefined, () => ctx.hasher.hash(digest, undefined)),
    keepSecret: remembered((secret) => keepHashSecret(ctx, secret)),
  })
}

/** Hashes by the million share a few secrets. */
function remembered(keep: (secret: Buffer) => Promise<string>): (secret: Buffer) => Promise<string> {
  const ids = new Map<string, Promise<string>>()
  return (secret) => {
    const key = secret.toString('base64')
    const known = ids.get(key)
    if (known) return known
    const id = keep(secret)
    ids.set(key, id)
    return id
  }
}
