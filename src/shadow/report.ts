import type { Difference, DifferenceKind } from './difference.ts'
import { type ExpectedRow, expectedBy } from './expected.ts'
import type { NotCompared, RouteTally, ShadowTally } from './tally.ts'

/** A pointer at which answers of a route differ, unless that is expected. */
interface DifferentPlace {
  kind: DifferenceKind
  pointer: string
  count: number
  /** What each side had, of the first three exchanges. */
  examples: { old: string; new: string }[]
}

export interface RouteReport extends Record<'same' | 'expected' | 'different' | NotCompared, number> {
  route: string
  places: DifferentPlace[]
}

/** What a shadow has seen, with what is expected set apart; the routes that differ most come first. */
export function reportOf({ routes }: ShadowTally, rows: ExpectedRow[]): RouteReport[] {
  return Object.entries(routes)
    .map(([route, tally]) => routeReport(route, tally, rows))
    .sort((one, other) => other.different - one.different || (one.route < other.route ? -1 : 1))
}

function routeReport(
  route: string,
  { different: groups, ...counts }: RouteTally,
  rows: ExpectedRow[],
): RouteReport {
  const places = new Map<string, DifferentPlace>()
  let expected = 0
  let different = 0
  for (const { count, examples } of groups) {
    const left = examples.map((example) => example.filter((found) => !expectedBy(rows, route, found)))
    if (left.every((example) => example.length === 0)) {
      expected += count
      continue
    }
    different += count
    addPlaces(places, left, count)
  }
  return { route, ...counts, expected, different, places: [...places.values()] }
}

/** All examples of a group differ at the same pointers. */
function addPlaces(places: Map<string, DifferentPlace>, examples: Difference[][], count: number): void {
  const counted = new Set<string>()
  for (const { kind, pointer, old, new: fresh } of examples.flat()) {
    const key = `${kind} ${pointer}`
    const place = places.get(key) ?? { kind, pointer, count: 0, examples: [] }
    if (!counted.has(key)) place.count += count
    counted.add(key)
    if (place.examples.length < 3) place.examples.push({ old, new: fresh })
    places.set(key, place)
  }
}
