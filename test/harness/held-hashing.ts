import type { Argon2 } from '../../src/server/hasher.ts'
import { scrape } from '../observability/scrape.ts'
import { cheapArgon2 } from './cheap-hashing.ts'
import { eventually, notify } from './events.ts'
import type { TestServer } from './harness.ts'

/** Hashing that stands still when a test wants it, and goes on one password at a time. */
export interface HeldHashing {
  /** What the server hashes with. */
  argon2: Argon2
  /** From now on whatever begins stands still. */
  hold(): void
  /** Waits until so many stand still. */
  standing(count: number): Promise<void>
  /** Has the one go on that has stood still for the longest. */
  letOneGo(): void
  /** Has all go on, and holds nothing any more. */
  release(): void
}

/** Hashing at next to no cost, until it is held. */
export function holdableHashing(): HeldHashing {
  let isHeld = false
  const standing: (() => void)[] = []
  const stand = async () => {
    if (!isHeld) return
    const { promise, resolve } = Promise.withResolvers<void>()
    standing.push(resolve)
    notify()
    await promise
  }
  return {
    argon2: {
      hash: async (...given) => {
        await stand()
        return cheapArgon2.hash(...given)
      },
      verify: async (...given) => {
        await stand()
        return cheapArgon2.verify(...given)
      },
    },
    hold: () => {
      isHeld = true
    },
    standing: (count) =>
      eventually(`${count} that are being hashed`, () => standing.length === count || undefined).then(
        () => {},
      ),
    letOneGo: () => standing.shift()?.(),
    release: () => {
      isHeld = false
      for (const go of standing.splice(0)) go()
    },
  }
}

/** How many passwords wait until a core is free to hash them. */
export async function waitingPasswords({ url }: Pick<TestServer, 'url'>): Promise<number> {
  return (await scrape(url)).one('manydoors_hashing_waiting')
}
