import type { LoadResult } from './load.ts'

/** What was measured of two contenders side by side. */
export interface Comparison {
  name: string
  /** What theirs is. */
  against: string
  /** What the ratio ought to reach. */
  target?: number
  ours: Summary
  theirs: Summary
  ratio: Spread
  failed: number
}

export interface Spread {
  median: number
  least: number
  most: number
}

interface Summary {
  /** A second. */
  rate: Spread
  /** In milliseconds, where requests were made. */
  p50?: Spread
  p99?: Spread
}

type Measured = Pick<LoadResult, 'rate'> & Partial<LoadResult>

/**
 * Measures both in turn, so many rounds after one that warms both up, each round beginning with the other one. The
 * ratio is ours to theirs within a round, so that what disturbs the machine disturbs both.
 */
export async function compare({
  rounds,
  ours,
  theirs,
  ...names
}: Pick<Comparison, 'name' | 'against' | 'target'> & {
  rounds: number
  ours(): Promise<Measured>
  theirs(): Promise<Measured>
}): Promise<Comparison> {
  const results: { ours: Measured; theirs: Measured }[] = []
  // Not counted: until it has run for a while, code is neither compiled well nor in the caches.
  await ours()
  await theirs()
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await ours()
      results.push({ ours: first, theirs: await theirs() })
    } else {
      const first = await theirs()
      results.push({ ours: await ours(), theirs: first })
    }
  }
  const sum = (count: (round: (typeof results)[number]) => number) =>
    results.map(count).reduce((a, b) => a + b, 0)
  return {
    ...names,
    ours: summary(results.map(({ ours }) => ours)),
    theirs: summary(results.map(({ theirs }) => theirs)),
    ratio: spread(results.map(({ ours, theirs }) => ours.rate / theirs.rate)),
    failed: sum(({ ours, theirs }) => (ours.failed ?? 0) + (theirs.failed ?? 0)),
  }
}

function summary(results: Measured[]): Summary {
  const of = (name: 'p50' | 'p99') => {
    const values = results.flatMap((result) => result[name] ?? [])
    return values.length > 0 ? { [name]: spread(values) } : {}
  }
  return { rate: spread(results.map(({ rate }) => rate)), ...of('p50'), ...of('p99') }
}

export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    least: at(0),
    most: at(sorted.length - 1),
  }
}
