import assert from 'node:assert/strict'
import { seededRandom, shuffle } from './random.ts'
import { median, rankTest } from './rank-test.ts'
import { type TimedRequest, timeRequests } from './stopwatch.ts'

/**
 * Every thousandth comparison of two equals looks as different as this, and on a machine that others use at
 * the same time perhaps more of them. So a difference must show three times in a row, which equals do once in
 * 10⁹ runs; one that an attacker could measure with as many requests shows every time.
 */
const threshold = 0.001
const attempts = 3
/**
 * Of the median: what is less is what keeping a mail for the development mailbox costs, which nothing in
 * production does on the thread that answers, and less than a network lets anybody see.
 */
const margin = 0.1
const warmUp = 20

export type Who = 'known' | 'unknown'

/**
 * Measures requests about both as often, one after the other in an order that means nothing; with `behind`, instead,
 * how long that one waits when it is sent right behind each of them.
 */
export async function assertSameTime(
  samples: number,
  request: (who: Who) => TimedRequest,
  behind?: TimedRequest,
): Promise<void> {
  const measure = async (order: Who[]): Promise<number[]> => {
    if (!behind) return timeRequests(order.map(request))
    const times = await timeRequests(order.flatMap((who) => [request(who), behind]))
    return times.filter((_, index) => index % 2 === 1)
  }
  const findings: string[] = []
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const both = (['known', 'unknown'] as const).flatMap((who) => Array<Who>(samples).fill(who))
    const order = shuffle(both, seededRandom(attempt))
    const warmUps = order.slice(0, warmUp)
    const times = (await measure([...warmUps, ...order])).slice(warmUp)
    const timesOf = (who: Who) => times.filter((_, index) => order[index] === who)
    const finding = compare(timesOf('known'), timesOf('unknown'))
    if (!finding) return
    findings.push(finding)
  }
  assert.fail(`the time of the answer tells whether there is an account:\n${findings.join('\n')}`)
}

/** What is different, and how much. */
function compare(known: number[], unknown: number[]): string | undefined {
  const { p, superiority } = rankTest(known, unknown)
  const [one, other] = [median(known), median(unknown)]
  if (p > threshold || Math.abs(one - other) < margin * Math.min(one, other)) return undefined
  return (
    `p = ${p.toExponential(1)}: medians ${one.toFixed(3)} ms for the known account and ` +
    `${other.toFixed(3)} ms for the unknown one, which is the quicker in ` +
    `${(superiority * 100).toFixed(1)} % of pairs (50 % would be no difference)`
  )
}
