import pkg from '../../../package.json' with { type: 'json' }
import type { HealthFinding, HealthNow, HealthOfServer } from '../../admin/health.ts'
import type { Config } from '../../config/config.ts'
import { onDemand } from '../../lib/on-demand.ts'
import { databaseFacts } from '../../store/admin/diagnosis.ts'
import { jobQueue } from '../../store/tables/jobs.ts'
import type { Core } from '../core.ts'
import type { Surroundings } from './check.ts'
import { configurationCheck, runChecks, serverChecks } from './run-checks.ts'

/** What operators see of how a running server is: what costs little at once, and the checks of `doctor` when they ask. */
export function serverHealth(
  config: Config,
  core: Pick<Core, 'db' | 'hashing'>,
  { startedAt, ...surroundings }: Surroundings & { startedAt: number },
): HealthOfServer {
  const { now } = surroundings
  const checks = onDemand(
    (): Promise<HealthFinding[]> =>
      runChecks([configurationCheck(config), ...serverChecks(config, core.db, surroundings)]),
    now,
  )
  return { checks, read: () => readHealth(config, core, { now, startedAt }) }
}

async function readHealth(
  { database }: Config,
  { db, hashing }: Pick<Core, 'db' | 'hashing'>,
  { now, startedAt }: { now: () => number; startedAt: number },
): Promise<HealthNow> {
  const begin = performance.now()
  const { version, sizeBytes } = await databaseFacts(db, database.engine)
  const latencyMs = performance.now() - begin
  const { waiting, dead, dueSince } = await jobQueue(db).state(now())
  return {
    database: { engine: database.engine, version, latencyMs, sizeBytes },
    jobs: { waiting, dead, lagMs: dueSince === undefined ? 0 : Math.max(0, now() - dueSince) },
    hashing: hashing(),
    versions: { manydoors: pkg.version, node: process.versions.node },
    startedAt,
  }
}
