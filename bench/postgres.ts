import { createCluster } from '../test/global-setup.ts'
import type { Effort } from './cases.ts'
import { type Comparison, compare } from './compare.ts'
import { fewPeople, openStage } from './stage.ts'

/** Refresh on a PostgreSQL of its own, against a bare server on the same one with raw `pg`. */
export async function comparePostgres({ rounds, seconds }: Effort): Promise<Comparison> {
  const cluster = await createCluster()
  const stage = await openStage({ ...fewPeople, minbil: 2 * (rounds + 1) }, cluster.url)
  try {
    const ours = await stage.startOurs()
    const floor = await stage.startFloor({ env: { FLOOR_POSTGRES: cluster.url } })
    const work = { scenario: 'refresh', seconds } as const
    return await compare({
      name: 'refresh on PostgreSQL',
      against: 'bare node:http, raw pg',
      rounds,
      // Of one database, so of tokens that neither has used.
      ours: () => stage.measure('both', ours, work),
      theirs: () => stage.measure('both', floor, work),
    })
  } finally {
    await stage.close()
    await cluster.remove()
  }
}
