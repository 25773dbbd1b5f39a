import type { UpstreamHealth } from '../core/switching/upstream-health.ts'
import { serverOptions } from '../http/app.ts'
import { type AppAtHosts, openPort } from '../http/hosts.ts'
import { adminApp, type SharedOptions } from './admin-app.ts'
import type { Core } from './core.ts'
import { serverFacts } from './server-facts.ts'
import type { StartParts } from './start-parts.ts'

/** Where the console is served. */
export interface AdminPlace {
  /** Its own, if it has one. */
  port?: number
  /** Whether anybody can let others in. */
  hasOwner: boolean
  /** What is served on the port of the realms, too. */
  beside: AppAtHosts[]
  close(): Promise<void>
}

/**
 * Opens the console on its port, if it has one; else it is served beside the realms. Throws when a port that somebody has
 * asked for cannot be had; without the default one there is no console.
 */
export async function openAdminPort(
  parts: StartParts,
  core: Core,
  { options, oldServers }: { options: SharedOptions; oldServers(realm: string): UpstreamHealth[] },
): Promise<AdminPlace> {
  const { config, overrides, log, timeouts } = parts
  const hasOwner = await core.operators.store.operators.hasOwner()
  const none = { hasOwner, beside: [], close: async () => {} }
  const { admin } = config
  if (!admin || overrides.isNotFirst) return none
  const app = adminApp(admin, meansOf(parts, core, oldServers), options)
  if (admin.port === undefined) return { ...none, beside: [{ app, hosts: [], path: '/admin' }] }
  try {
    const { port, serve, close } = await openPort(
      { host: admin.host, port: admin.port },
      serverOptions(timeouts),
    )
    serve([{ app, hosts: [] }], log)
    return { ...none, port, close }
  } catch (error) {
    if (admin.isRequired) throw error
    const { code } = error as NodeJS.ErrnoException
    log.warn({ port: admin.port, code }, 'the console is not served: set MANYDOORS_ADMIN_PORT')
    return none
  }
}

/** What operators see and work on; what only they need is loaded when they come. */
function meansOf(
  { config, machine, now }: StartParts,
  core: Core,
  oldServers: (realm: string) => UpstreamHealth[],
) {
  const { env, network } = machine
  const surroundings = { now, startedAt: now(), env, network, oldServers }
  return async () => {
    const [{ adminSights }, { realmSights }] = await Promise.all([
      import('./sights.ts'),
      import('./realm-sights.ts'),
    ])
    const { realms, operators } = core
    const facts = serverFacts(config)
    return {
      realms,
      operators,
      facts,
      ...realmSights(config, core),
      ...adminSights(config, core, surroundings),
    }
  }
}
