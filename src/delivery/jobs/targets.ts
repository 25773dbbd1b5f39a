/** How an attempt has ended at a target. */
export interface Served {
  /** There was no answer, or none that says that it is well. */
  isSilent: boolean
}

/** What of a lane may go to which target, so that one that hangs leaves room for the others. */
export interface Targets {
  /** Does it and counts it; with `null` for what is for no target, or for the same as all else. */
  serve(target: string | null, work: () => Promise<Served>): Promise<void>
  /** Those that get nothing more now: as much as they may have is on its way, or they rest. */
  closed(): string[]
  /** In how many milliseconds the next of them has rested. */
  nextRestEndsIn(): number | undefined
}

/** Doubles with each failure from five seconds to a minute: as long as the pauses of the jobs, or shorter. */
const firstRestMs = 5_000
const maxRestMs = 60_000

interface Target {
  running: number
  /** In a row. */
  failures: number
  restsUntil: number
}

/** So many at once for a target, and none for a while after it has been silent. `now` is in milliseconds. */
export function createTargets({ atOnce, now }: { atOnce: number; now: () => number }): Targets {
  const targets = new Map<string, Target>()
  const restOf = ({ restsUntil }: Target) => {
    const restMs = restsUntil - now()
    // Longer than there is: the clock was set back.
    return restMs > maxRestMs ? 0 : Math.max(0, restMs)
  }

  const begin = (name: string): Target => {
    const target = targets.get(name) ?? { running: 0, failures: 0, restsUntil: 0 }
    target.running++
    targets.set(name, target)
    return target
  }
  const end = (name: string, target: Target, { isSilent }: Served) => {
    target.running--
    target.failures = isSilent ? target.failures + 1 : 0
    target.restsUntil = isSilent ? now() + Math.min(firstRestMs * 2 ** (target.failures - 1), maxRestMs) : 0
    if (target.running === 0 && !isSilent) targets.delete(name)
  }

  return {
    serve: async (name, work) => {
      if (name === null) return void (await work())
      const target = begin(name)
      let served: Served = { isSilent: false }
      try {
        served = await work()
      } finally {
        end(name, target, served)
      }
    },
    closed: () =>
      [...targets]
        .filter(([, target]) => target.running >= atOnce || restOf(target) > 0)
        .map(([name]) => name),
    nextRestEndsIn: () => {
      const rests = [...targets.values()].map(restOf).filter((restMs) => restMs > 0)
      return rests.length > 0 ? Math.min(...rests) : undefined
    },
  }
}
