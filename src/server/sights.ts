import type { Means } from '../admin/means.ts'
import type { Config } from '../config/config.ts'
import { describeSettings } from '../config/effective/describe-settings.ts'
import { sourceText } from '../config/effective/sources.ts'
import { switchingStatus } from '../core/switching/status.ts'
import type { UpstreamHealth } from '../core/switching/upstream-health.ts'
import { onDemand } from '../lib/on-demand.ts'
import type { Core } from './core.ts'
import type { Surroundings } from './doctor/check.ts'
import { serverHealth } from './doctor/health.ts'

/** What operators can look at that no realm knows: the configuration, the server's health, and the way from old servers. */
export function adminSights(
  config: Config,
  core: Core,
  {
    oldServers,
    ...surroundings
  }: Surroundings & { startedAt: number; oldServers(realm: string): UpstreamHealth[] },
): Pick<Means, 'describeSettings' | 'health' | 'switching'> {
  const counts = new Map(
    [...core.realms].map(([name, ctx]) => [name, onDemand(() => switchingStatus(ctx), surroundings.now)]),
  )
  return {
    describeSettings: () =>
      describeSettings(config).map(({ source, ...setting }) => {
        const text = sourceText(source)
        return { ...setting, ...(text !== undefined && { source: text }) }
      }),
    health: serverHealth(config, core, surroundings),
    switching: (realm) => {
      const accounts = counts.get(realm)
      if (!accounts) throw new Error(`realm ${realm} is not open`)
      return { accounts, oldServers: oldServers(realm) }
    },
  }
}
