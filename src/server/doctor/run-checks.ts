import { say } from '../../admin/findings.ts'
import type { Config } from '../../config/config.ts'
import type { Database } from '../../store/types.ts'
import { type Check, type NamedFinding, ok, runCheck, type Surroundings } from './check.ts'
import { databaseChecks, onSchemaOf } from './database.ts'
import { deliveryChecks } from './delivery.ts'
import { fileChecks } from './files.ts'
import { hookChecks } from './hooks.ts'
import { machineChecks } from './machine.ts'
import { openidChecks } from './openid.ts'
import { publicUrlChecks } from './public-url.ts'
import { serviceKeyChecks } from './service-keys.ts'

/** Longer than any check waits by itself, but for that of a large file. */
const checkTimeoutMs = 70_000

/** Everything that a server needs, but how fast it hashes; one mail is sent to `sendTo` where that is given. */
export function serverChecks(
  config: Config,
  db: Database,
  { sendTo, ...surroundings }: Surroundings & { sendTo?: { address: string; id: string } | undefined },
): Check[] {
  const parts = { ...surroundings, db }
  return [
    ...fileChecks(config),
    ...databaseChecks(config, parts),
    ...deliveryChecks(config, sendTo),
    ...hookChecks(config),
    ...serviceKeyChecks(config),
    ...publicUrlChecks(config, parts),
    ...openidChecks(config, { ...parts, onSchema: onSchemaOf(config, db) }),
    ...machineChecks(surroundings),
  ]
}

/** That the configuration can be used, and what it is for. */
export function configurationCheck({ mode, file, realms }: Config): Check {
  const urls = realms.map(({ publicUrl }) => publicUrl).join(', ')
  const says =
    file === undefined
      ? say('{mode}, environment alone, for {urls}', { mode, urls })
      : say('{mode}, {file}, for {urls}', { mode, file, urls })
  return { name: 'configuration', run: async () => ok(says) }
}

/** Runs checks at the same time, and gives what they find in their order. Never throws. */
export async function runChecks(checks: Check[]): Promise<NamedFinding[]> {
  const findings = await Promise.all(checks.map((check) => runCheck(check, checkTimeoutMs)))
  return findings.filter((finding) => finding !== undefined)
}
