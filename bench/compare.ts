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
  /** Processor time of the server for each answer, in microseconds, of all its threads. */
  cpu?: Spread
}

type Measured = Pick<LoadResult, 'rate'> & Partial<LoadResult>

/** What ours is held against. */
interface Other extends Pick<Comparison, 'against' | 'target'> {
  measure(): Promise<Measured>
}

/** Measures ours and one other in turn: see `compareAll`. */
export async function compare({
  name,
  rounds,
  ours,
  theirs,
  ...other
}: Pick<Comparison, 'name' | 'against' | 'target'> & {
  rounds: number
  ours(): Promise<Measured>
  theirs(): Promise<Measured>
}): Promise<Comparison> {
  const others = [{ ...other, measure: theirs }]
  const [comparison] = await compareAll({ name, rounds, ours, others })
  if (!comparison) throw new Error('nothing was compared')
  return comparison
}

/**
 * Measures ours and all others in turn, so many rounds after one that warms all up, each round beginning with the next
 * one. Ratios are ours to theirs within a round, so that what disturbs the machine disturbs both.
 */
export async function compareAll({
  name,
  rounds,
  ours,
  others,
}: {
  name: string
  rounds: number
  ours(): Promise<Measured>
  others: Other[]
}): Promise<Comparison[]> {
  const contenders = [ours, ...others.map(({ measure }) => measure)]
  const results = contenders.map((): Measured[] => [])
  // Not counted: until it has run for a while, code is neither compiled well nor in the caches.
  for (const measure of contenders) await measure()
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const index = (round + turn) % contenders.length
      const measured = await contenders[index]?.()
      if (measured) results[index]?.push(measured)
    }
  }
  const [mine = [], ...theirs] = results
  return others.map(({ against, target }, index) =>
    comparison({ name, against, target }, mine, theirs[index] ?? []),
  )
}

function comparison(
  names: Pick<Comparison, 'name' | 'against' | 'target'>,
  ours: Measured[],
  theirs: Measured[],
): Comparison {
  const results = ours.flatMap((ours, round) => {
    const other = theirs[round]
    return other ? [{ ours, theirs: other }] : []
  })
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
  const of = (name: 'p50' | 'p99' | 'cpu') => {
    const values = results.flatMap((result) => result[name] ?? [])
    return values.length > 0 ? { [name]: spread(values) } : {}
  }
  return { rate: spread(results.map(({ rate }) => rate)), ...of('p50'), ...of('p99'), ...of('cpu') }
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
