import { BoundedMap } from './bounded-map.ts'

/** Whom the two servers may know different things of, as something was not copied. */
export interface Unsettled {
  has(lanes: string[]): boolean
  /** A change for these was not copied. */
  add(lanes: string[]): void
  /** These were sent a secret outside of what is copied. */
  awaitsMail(lanes: string[]): void
  /** Such a secret was used, and does not tell whose it is: any of those who were sent one. */
  addAwaiting(): void
}

const maxLanes = 100_000

export function createUnsettled(): Unsettled {
  const unsettled = new BoundedMap<string, true>(maxLanes)
  const awaiting = new BoundedMap<string, true>(maxLanes)
  const add = (lanes: Iterable<string>) => {
    for (const lane of lanes) unsettled.set(lane, true)
  }
  return {
    has: (lanes) => lanes.some((lane) => unsettled.has(lane)),
    add,
    awaitsMail: (lanes) => {
      for (const lane of lanes) awaiting.set(lane, true)
    },
    addAwaiting: () => {
      add(awaiting.keys())
      awaiting.clear()
    },
  }
}
