import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Comparison, compare } from './compare.ts'
import type { Scenario } from './load.ts'
import { plan } from './plan.ts'
import { openStage } from './stage.ts'

/** A change that costs more than this is looked at. */
const target = 0.97

const scenarios: Scenario[] = ['refresh', 'bearer', 'sign-in', 'sign-out', 'forgot-password']

/**
 * The server of this checkout against that of another one, such as the commit before, each on a database that its own
 * code has filled. `checkout` is its folder, installed.
 */
export async function compareBefore(
  checkout: string,
  effort: { rounds: number; seconds: number },
): Promise<Comparison[]> {
  const stageFile = pathToFileURL(join(resolve(checkout), 'bench/stage.ts')).href
  const before: { openStage: typeof openStage } = await import(stageFile)
  const comparisons: Comparison[] = []
  for (const scenario of scenarios) {
    const { population, work } = plan(scenario, effort)
    const [own, other] = [await openStage(population), await before.openStage(population)]
    try {
      const [ours, theirs] = [await own.startOurs(), await other.startOurs()]
      comparisons.push(
        await compare({
          name: scenario,
          against: 'the checkout before',
          target,
          rounds: effort.rounds,
          ours: () => own.measure('ours', ours, work),
          theirs: () => other.measure('before', theirs, work),
        }),
      )
    } finally {
      await own.close()
      await other.close()
    }
  }
  return comparisons
}
