import { BlockList, isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'
import type { Means } from '../admin/means.ts'
import type { AdminConfig } from '../config/sections/admin.ts'
import { followTrails } from '../core/audit/live.ts'
import { type AppOptions, createApp } from '../http/app.ts'
import { type AppOnDemand, appOnDemand } from '../http/app-on-demand.ts'
import { isForThisMachine } from '../http/this-machine.ts'

/** What is the same for every app of a server. */
export type SharedOptions = Omit<AppOptions, 'realm' | 'isHttps' | 'dialects' | 'pages' | 'mount'>

/** Opens what operators see and work on, when the first of them comes. */
export type AdminMeans = () => Promise<Omit<Means, 'url' | 'auditTail'>>

/** What serves operators, when it is first asked for: the console and its API. */
export function adminApp(config: AdminConfig, openMeans: AdminMeans, options: SharedOptions): AppOnDemand {
  return appOnDemand(async () => {
    // With its templates, and what draws charts: no server needs them that nobody looks after.
    const { openAdmin } = await import('../admin/admin.ts')
    const means = await openMeans()
    const { operators } = means
    const admin = openAdmin({
      means: { ...means, url: config.url, auditTail: followTrails({ intervalMs: 1_000 }) },
      log: options.log,
      isAllowed: admission(config),
    })
    const { app } = await createApp({
      ...options,
      realm: operators,
      requests: { ...options.requests, realm: operators.realm.name },
      isHttps: config.url.startsWith('https:'),
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
