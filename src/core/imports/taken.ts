import type { SeenIndex } from './options.ts'

/** Which names earlier entries of the same files have taken, and where these stand. */
export interface Taken {
  /** Where the entry stands that has taken it. */
  placeOf(key: string): string | undefined
  /** Takes it, unless an earlier entry has. */
  take(key: string, place: string): void
  /** Keeps what was taken, once it is written. */
  keep(): void
}

/** Names that a batch takes, over those of the batches before it. */
export function takenOver(seen: SeenIndex): Taken {
  const own = new Map<string, string>()
  // Each is asked for twice: whether it is free, and when it is taken.
  const earlier = new Map<string, string | undefined>()
  const placeOf = (key: string) => {
    if (own.has(key)) return own.get(key)
    if (!earlier.has(key)) earlier.set(key, seen.get(key))
    return earlier.get(key)
  }
  return {
    placeOf,
    take: (key, place) => {
      if (placeOf(key) === undefined) own.set(key, place)
    },
    keep: () => {
      for (const [key, place] of own) seen.put(key, place)
    },
  }
}
