export interface RankTest {
  /** How likely two samples of one distribution would differ as much, in either direction. */
  p: number
  /** How often a value of the first sample is the greater one: 0.5 when neither tends to be. */
  superiority: number
}

/**
 * Mann and Whitney's U test, two-sided, by the normal approximation with corrections for ties and for continuity:
 * whether one of two samples tends to be greater. It supposes nothing of how the values are distributed, and one
 * value that is far off counts no more than any other.
 */
export function rankTest(first: number[], second: number[]): RankTest {
  const [n, m] = [first.length, second.length]
  if (n < 8 || m < 8) throw new Error('the normal approximation wants at least eight values on either side')
  const { ranks, tieTerm } = rank([...first, ...second])
  const rankSum = ranks.slice(0, n).reduce((sum, value) => sum + value, 0)
  const u = rankSum - (n * (n + 1)) / 2
  const total = n + m
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - tieTerm / (total * (total - 1))))
  const distance = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5)
  return { p: deviation === 0 ? 1 : twoSidedTail(distance / deviation), superiority: u / (n * m) }
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/** Ranks from 1, where equal values share the mean of theirs; `tieTerm` is the sum of t³ − t over groups of t equals. */
function rank(values: number[]): { ranks: number[]; tieTerm: number } {
  const groups = Map.groupBy(values.keys(), (index) => values[index])
  const ranks = new Array<number>(values.length).fill(0)
  let below = 0
  let tieTerm = 0
  for (const value of values.toSorted((a, b) => a - b)) {
    const group = groups.get(value)
    if (!group) continue
    for (const index of group) ranks[index] = below + (group.length + 1) / 2
    below += group.length
    tieTerm += group.length ** 3 - group.length
    groups.delete(value)
  }
  return { ranks, tieTerm }
}

/** The chance that a normal variable is farther from its mean than `z` deviations (Abramowitz and Stegun 7.1.26). */
function twoSidedTail(z: number): number {
  const x = z / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return Math.min(1, series * Math.exp(-x * x))
}
