import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Config } from '../config/config.ts'
import { findPublishedSecrets } from '../config/published-secrets.ts'
import { syncDeclaredClients } from '../core/clients/clients.ts'
import type { Worker } from '../delivery/jobs/worker.ts'
import { serverOptions } from '../http/app.ts'
import { findClientAddress } from '../http/client-address.ts'
import { type OpenPort, openPort } from '../http/hosts.ts'
import type { ServedRoute } from '../http/served-routes.ts'
import { type Listening, publishMetrics } from '../observability/publish.ts'
import { connectionProbe } from '../store/postgres/connection-probe.ts'
import { jobQueue } from '../store/tables/jobs.ts'
import { signingSince } from '../store/tables/signing-keys.ts'
import type { SharedOptions } from './admin-app.ts'
import { openAdminPort } from './admin-port.ts'
import { type Core, openCore } from './core.ts'
import { startDelivery } from './delivery.ts'
import { openHooks } from './hooks.ts'
import { openIdentityProviders } from './identity-providers.ts'
import { startTasks } from './maintenance/start-tasks.ts'
import { openOldServers } from './old-servers.ts'
import { type MountedPrefixes, type RealmApp, realmApp } from './realm-app.ts'
import { dialectsOf, type Overrides, openParts, type StartParts } from './start-parts.ts'
import { openOutward } from './transports.ts'

export interface Server {
  config: Config
  /** The port that it listens on. */
  port: number
  /** Where metrics are served, if they have a port of their own. */
  metrics?: Pick<Listening, 'place' | 'port'>
  /** The port of the console, if it has one of its own. */
  admin?: number | undefined
  /** Whether an owner can sign in to it. */
  hasOwner: boolean
  /** Its realms with their doors. */
  realms: { name: string; hosts: string[]; doors: MountedPrefixes[] }[]
  /** Everything that the first of its realms serves. */
  routes: ServedRoute[]
  /** Looks for jobs that a changed clock has made due. */
  wakeWorker(): void
  /** Does at once what maintenance would do in time. */
  maintain(): Promise<void>
  /** Finishes what runs, refuses what comes, and closes the database. */
  close(): Promise<void>
}

const machine = {
  now: Date.now,
  env: process.env,
  network: fetch,
  pid: process.pid,
  rss: () => process.memoryUsage.rss(),
}

/**
 * Listens, and starts everything: `/healthz` answers from the beginning, everything else once it is there. Throws when
 * the configuration, the database or the port cannot be used.
 */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Server> {
  const parts = await openParts(config, overrides, machine)
  const { log, observation } = parts
  const listen = () => openPort(config, serverOptions(parts.timeouts))
  const closing = new AsyncDisposableStack()
  closing.defer(observation.close)
  let port: OpenPort | undefined
  let isOpen = true

  try {
    if (!overrides.listensWhenReady) port = await listen()
    if (!overrides.isNotFirst) warnOfSecrets(parts)
    const others = openOthers(parts)
    closing.defer(others.close)
    // The core is told whom to wake before there is a worker, which needs the core.
    let worker: Worker | undefined
    const core = await openCore(config, {
      ...overrides,
      now: parts.now,
      log,
      databaseLog: log,
      wakeWorker: () => observation.outside(() => worker?.wake()),
      observers: observation.observers,
      openClients: syncDeclaredClients,
      ...others.of,
    })
    closing.defer(core.close)
    const options = appOptions(parts, core, () => isOpen)
    const apps = mountRealms(parts, core, options)
    for (const { app } of openedAtStart(apps, config)) await app.open()

    const outward = await openOutward(config)
    closing.defer(outward.close)
    worker = startDelivery(parts, core, outward)
    closing.defer(worker.stop)
    const maintenance = startTasks(parts, core, apps)
    closing.defer(maintenance.stop)
    const metrics = await publishState(parts, core)
    closing.defer(async () => metrics?.close())
    const admin = await openAdminPort(parts, core, { options, oldServers: others.healthOf })
    closing.defer(admin.close)
    port ??= await listen()
    closing.defer(port.close)
    port.serve([...apps, ...admin.beside], log)

    return {
      config,
      realms: apps.map(({ name, hosts, doors }) => ({ name, hosts, doors })),
      routes: apps[0]?.routes() ?? [],
      port: port.port,
      metrics,
      admin: admin.port,
      hasOwner: admin.hasOwner,
      wakeWorker: worker.wake,
      maintain: maintenance.runAll,
      close: async () => {
        isOpen = false
        await closing.disposeAsync()
      },
    }
  } catch (error) {
    // Before what its requests need, whenever it was opened.
    await port?.close()
    await closing.disposeAsync()
    throw error
  }
}

/** Development goes on with what production refuses. */
function warnOfSecrets({ config, log }: StartParts): void {
  for (const setting of findPublishedSecrets(config))
    log.warn({ setting }, 'anybody has a service key: production does not start with it')
}

/** Opens the ways to the servers of others that decide with us who somebody is and who gets in. */
function openOthers({ config, overrides, now, log, observation: { observers } }: StartParts) {
  const means = { ...overrides, now, randomBytes, observerOf: observers.oldServer }
  const oldServers = openOldServers(config.realms, dialectsOf(config), means)
  const identityProviders = openIdentityProviders(config.realms, { log, now })
  const hooks = openHooks(config.realms, { log, now, newId: () => uuidv7(), observeOf: observers.hooks })
  return {
    of: {
      oldServersOf: oldServers.of,
      oldTokensOf: oldServers.tokensOf,
      identityProvidersOf: identityProviders.of,
      hooksOf: hooks.of,
    },
    healthOf: oldServers.healthOf,
    close: async () => {
      hooks.close()
      identityProviders.close()
      await oldServers.close()
    },
  }
}

/** What the apps of every realm are made with. */
function appOptions({ config, log, timeouts, observation }: StartParts, core: Core, isOpen: () => boolean) {
  const { trustedProxies } = config
  const letsIn = config.database.engine === 'postgres' ? connectionProbe(config.database) : undefined
  return {
    log,
    newId: () => uuidv7(),
    trustedProxies,
    addressOf: findClientAddress({ trustedProxies, log }),
    isOpen,
    ...timeouts,
    requests: observation.requests,
    pingDatabase: async () => {
      // Nothing that SQLite's writer would commit together with what others write, and fail with it.
      await Promise.all([core.db.selectNoFrom((eb) => eb.lit(1).as('one')).execute(), letsIn?.()])
    },
  }
}

function mountRealms(
  { config, templates, observation, mailboxes }: StartParts,
  core: Core,
  options: SharedOptions,
): RealmApp[] {
  const shown = {
    templates: templates.pages,
    dialects: dialectsOf(config),
    hasSmsGateway: config.sms !== undefined,
    smsPrefixes: config.smsPrefixes,
    hasConsole: config.admin !== undefined && config.admin.port === undefined,
    metrics: config.mode === 'development' ? observation.metrics : undefined,
  }
  return config.realms.map((realm) => {
    const ctx = core.realms.get(realm.name)
    if (!ctx) throw new Error(`realm ${realm.name} is not open`)
    const mailbox = mailboxes.get(realm.name)
    return realmApp(realm, ctx, { ...shown, mailbox, machineNow: () => Date.now(), options })
  })
}

/** The others are opened when they are first asked for: there may be hundreds. */
function openedAtStart(apps: RealmApp[], { loadedDialects }: Config): RealmApp[] {
  if (loadedDialects.length === 0) return apps.slice(0, 1)
  // Nobody else has tried doors from outside beside one another: one realm for each set of doors.
  const setOf = ({ doors }: RealmApp) => doors.map(({ name }) => name).join()
  return [...new Map(apps.toReversed().map((app) => [setOf(app), app])).values()]
}

/** Makes metrics available, if there are any, where the configuration or whoever starts the server wants them. */
async function publishState(
  { config, overrides, now, log, observation }: StartParts,
  { db, realms }: Core,
): Promise<Listening | undefined> {
  const { metrics } = observation
  if (!metrics || !config.metrics) return undefined
  metrics.watchState({
    queue: jobQueue(db),
    keysSince: () => signingSince(db, [...realms.keys()]),
    unsettled: () => [...realms].map(([realm, { decoys }]) => ({ realm, ...decoys.counts() })),
    now,
  })
  return overrides.publish ? overrides.publish(metrics) : publishMetrics(metrics, config.metrics, log)
}
