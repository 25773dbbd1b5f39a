import { BlockList, isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { Means } from '../admin/means.ts'
import type { Config } from '../config/config.ts'
import type { AdminConfig } from '../config/sections/admin.ts'
import { countMasterKeyUse } from '../core/keys/master-key-use.ts'
import { type AppOptions, createApp } from '../http/app.ts'
import { type AppOnDemand, appOnDemand } from '../http/app-on-demand.ts'
import { isForThisMachine } from '../http/this-machine.ts'
import { retainedKeys } from '../store/tables/retained-keys.ts'
import { clientRules } from './client-rules.ts'
import { type Core, everyRealm } from './core.ts'
import type { RealmApp } from './realm-app.ts'

/** What is the same for every app of a server. */
export type SharedOptions = Omit<AppOptions, 'realm' | 'isHttps' | 'dialects' | 'pages' | 'mount'>

/** What the console tells of. */
interface AdminParts {
  config: Config
  core: Core
  apps: RealmApp[]
}

/** What serves operators, when it is first asked for: the console and its API. */
export function adminApp(
  place: AdminConfig,
  { config, core, apps }: AdminParts,
  options: SharedOptions,
): AppOnDemand {
  return appOnDemand(async () => {
    // With its templates, and what draws charts: no server needs them that nobody looks after.
    const { openAdmin } = await import('../admin/admin.ts')
    const admin = openAdmin({
      means: meansOf(place, { config, core, apps }),
      log: options.log,
      isAllowed: admission(place),
    })
    const { app } = await createApp({
      ...options,
      realm: core.operators,
      requests: { ...options.requests, realm: core.operators.realm.name },
      isHttps: place.url.startsWith('https:'),
      dialects: [],
      pages: admin,
      pagesAt: '/admin',
      mount: async (app) => {
        app.get('/', (_request, reply) => reply.redirect('/admin', 303))
        await admin.mount(app)
      },
    })
    return app
  })
}

function meansOf({ url }: AdminConfig, { config, core, apps }: AdminParts): Means {
  const { realms, operators } = core
  const places = new Map(apps.map(({ name, hosts, doors }) => [name, { hosts, doors }]))
  return {
    realms,
    operators,
    url,
    ...(config.file !== undefined && { file: config.file }),
    placeOf: (name) => {
      const sender = config.realms.find((realm) => realm.name === name)?.mailFrom ?? config.smtp?.from
      const place = places.get(name) ?? { hosts: [], doors: [] }
      return { ...place, ...(sender !== undefined && { sender }) }
    },
    clientRules: clientRules(config),
    masterKeyUse: () => countMasterKeyUse(operators.secrets, everyRealm(core), retainedKeys(core.db)),
  }
}

/** Beside everything else only for this machine, as development has it; on a port of its own for whoever is allowed. */
function admission({ port, allow }: AdminConfig): (request: FastifyRequest) => boolean {
  if (port === undefined) return isForThisMachine
  if (allow.length === 0) return () => true
  const allowed = new BlockList()
  for (const entry of allow) {
    const [address = '', prefix] = entry.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) allowed.addAddress(address, family)
    else allowed.addSubnet(address, Number(prefix), family)
  }
  return ({ clientAddress }) => allowed.check(clientAddress, isIPv6(clientAddress) ? 'ipv6' : 'ipv4')
}
