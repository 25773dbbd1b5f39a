import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Comparison, compare, spread } from './compare.ts'
import type { Scenario } from './load.ts'
import { openidOff } from './openid/settings.ts'
import { plan } from './plan.ts'
import type { Figure } from './report.ts'
import { openStage } from './stage.ts'
import { type Start, startOnce } from './start.ts'

/** A change that costs more than this is looked at. */
const target = 0.97

const scenarios: Scenario[] = ['refresh', 'bearer', 'sign-in', 'sign-out', 'forgot-password']
const against = 'the checkout before'

interface Effort {
  rounds: number
  seconds: number
}

/**
 * The server of this checkout against that of another one, such as the commit before, each on a database that its own
 * code has filled. `checkout` is its folder, installed.
 */
export async function compareBefore(
  checkout: string,
  effort: Effort,
): Promise<{ comparisons: Comparison[]; figures: Figure[] }> {
  const { comparisons, figures } = await compareStarts(resolve(checkout), effort.rounds)
  const stageFile = pathToFileURL(join(resolve(checkout), 'bench/stage.ts')).href
  const before: { openStage: typeof openStage } = await import(stageFile)
  for (const scenario of scenarios) {
    const { population, work } = plan(scenario, effort)
    const [own, other] = [await openStage(population), await before.openStage(population)]
    try {
      const [ours, theirs] = [await own.startOurs(), await other.startOurs()]
      comparisons.push(
        await compare({
          name: scenario,
          against,
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
  return { comparisons, figures }
}

/** How fast both come up, as starts a second, and what they take of memory then; ours without OpenID Connect. */
async function compareStarts(checkout: string, rounds: number) {
  const [ours, theirs]: [Start[], Start[]] = [[], []]
  const start = async (kept: Start[], options: Parameters<typeof startOnce>[0]) => {
    const started = await startOnce(options)
    kept.push(started)
    return { rate: 1 / started.seconds }
  }
  const comparison = await compare({
    name: 'start, OpenID off',
    against,
    target,
    rounds,
    ours: () => start(ours, openidOff),
    theirs: () => start(theirs, { checkout }),
  })
  const memory = (what: string, starts: Start[]): Figure[] =>
    (['rss', 'pss'] as const).map((name) => ({
      name: `idle memory${what}: ${name.toUpperCase()}`,
      unit: 'MB',
      // The first one fills the cache of what was compiled.
      value: spread(starts.slice(1).map((start) => start[name])),
    }))
  return {
    comparisons: [comparison],
    figures: [...memory(', OpenID off', ours), ...memory(' of the checkout before', theirs)],
  }
}
