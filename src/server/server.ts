import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type pino from 'pino'
import { v7 as uuidv7 } from 'uuid'
import pkg from '../../package.json' with { type: 'json' }
import type { Config, RealmConfig } from '../config/config.ts'
import { syncDeclaredClients } from '../core/clients/clients.ts'
import type { Log } from '../core/log.ts'
import { longestTokenLifetime } from '../core/openid/settings.ts'
import type { UpstreamHealth } from '../core/switching/upstream-health.ts'
import { startSweep } from '../delivery/jobs/ended-sessions.ts'
import { jobHandlers } from '../delivery/jobs/handlers.ts'
import { observedTransports } from '../delivery/jobs/observed.ts'
import { startWebhookSweep } from '../delivery/jobs/webhook-sweep.ts'
import { startWorker, type Worker } from '../delivery/jobs/worker.ts'
import { createMailbox, type Mailbox } from '../delivery/mailbox.ts'
import { dialects } from '../dialects/registry.ts'
import { type AppOptions, serverOptions } from '../http/app.ts'
import { findClientAddress } from '../http/client-address.ts'
import type { Dialect } from '../http/dialect.ts'
import { type AppAtHosts, type OpenPort, openPort } from '../http/hosts.ts'
import type { ServedRoute } from '../http/served-routes.ts'
import { type Observation, openObservation } from '../observability/observation.ts'
import { type Listening, type Publish, publishMetrics } from '../observability/publish.ts'
import { connectionProbe } from '../store/postgres/connection-probe.ts'
import { jobQueue } from '../store/tables/jobs.ts'
import { realmsToTell } from '../store/tables/openid/untold-ends.ts'
import { retainedKeys } from '../store/tables/retained-keys.ts'
import { signingSince } from '../store/tables/signing-keys.ts'
import { realmsToRelease } from '../store/tables/webhooks/deliveries.ts'
import { realmsWithEvents } from '../store/tables/webhooks/events.ts'
import { adminApp, type SharedOptions } from './admin-app.ts'
import { type Core, type CoreParts, openCore } from './core.ts'
import { openHooks } from './hooks.ts'
import { openIdentityProviders } from './identity-providers.ts'
import { createLog } from './log.ts'
import { cleanupTasks } from './maintenance/cleanup-tasks.ts'
import { keyTasks } from './maintenance/key-tasks.ts'
import { type OperationsTasks, operationsTasks } from './maintenance/operations-tasks.ts'
import { type Maintenance, startMaintenance } from './maintenance/scheduler.ts'
import { openOldServers } from './old-servers.ts'
import { openAllTemplates } from './open-templates.ts'
import { type MountedPrefixes, type RealmApp, realmApp } from './realm-app.ts'
import { serverFacts } from './server-facts.ts'
import { type Outward, openOutward, transportsOf } from './transports.ts'

/** What may take the place of a default, in tests above all. */
export interface Overrides
  extends Partial<Pick<CoreParts, 'now' | 'cores' | 'argon2' | 'counts' | 'stopping'>> {
  /** How long a client may take to send its request. */
  requestTimeoutMs?: number
  /** How many processes serve on this machine, with what this one serves. */
  processes?: number
  /** One of several processes on this machine that is not the first: the console is not here. */
  isNotFirst?: boolean
  /** How metrics are made available, instead of on a port of their own. */
  publish?: Publish
  /** Where development keeps the messages of the realm of that name. */
  mailboxOf?: (realm: string) => Mailbox
  /** Where log lines go instead of standard output. */
  logStream?: pino.DestinationStream
  /** Takes no connections before it can serve, as one of several that share a port: the others can. */
  listensWhenReady?: boolean
}

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

/**
 * Listens, and starts everything: `/healthz` answers from the beginning, everything else once it is there. Throws when
 * the configuration, the database or the port cannot be used.
 */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Server> {
  const parts = await openParts(config, overrides)
  const { log, observation } = parts
  const listen = () => openPort(config, serverOptions(parts.timeouts))
  const closing = new AsyncDisposableStack()
  closing.defer(observation.close)
  let port: OpenPort | undefined
  let isOpen = true

  try {
    if (!overrides.listensWhenReady) port = await listen()
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

/** What every step of a start works with. */
interface StartParts {
  config: Config
  overrides: Overrides
  now(): number
  log: Log
  timeouts: Pick<AppOptions, 'requestTimeoutMs' | 'keepAliveTimeoutMs'>
  templates: Awaited<ReturnType<typeof openAllTemplates>>
  observation: Observation
  /** Where the messages of each realm go in development. */
  mailboxes: ReadonlyMap<string, Mailbox>
}

async function openParts(config: Config, overrides: Overrides): Promise<StartParts> {
  const { requestTimeoutMs, now = Date.now, mailboxOf = () => createMailbox(now) } = overrides
  const timeouts = { requestTimeoutMs, keepAliveTimeoutMs: config.keepAliveSeconds * 1000 }
  // The log is needed to open what its lines take the trace from.
  let observation: Observation | undefined
  const log = createLog(config, overrides.logStream, { now, here: () => observation?.here() ?? {} })
  const templates = await openAllTemplates(config)
  observation = await openObservation(config, { log, now })
  const realms = config.mode === 'development' ? config.realms : []
  const mailboxes = new Map(realms.map(({ name }) => [name, mailboxOf(name)]))
  // Nobody looks into one of their own.
  const [first] = mailboxes.values()
  if (first) mailboxes.set(config.operators.name, first)
  return { config, overrides, now, log, timeouts, templates, observation, mailboxes }
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

/** What operators see and work on; what only they need is loaded when they come. */
function meansOf({ config, now }: StartParts, core: Core, oldServers: (realm: string) => UpstreamHealth[]) {
  const surroundings = { now, startedAt: now(), env: process.env, network: fetch, oldServers }
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

/** Where the console is served. */
interface AdminPlace {
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
async function openAdminPort(
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

function dialectsOf({ loadedDialects }: Config): Dialect[] {
  return [...dialects, ...loadedDialects]
}

/** The others are opened when they are first asked for: there may be hundreds. */
function openedAtStart(apps: RealmApp[], { loadedDialects }: Config): RealmApp[] {
  if (loadedDialects.length === 0) return apps.slice(0, 1)
  // Nobody else has tried doors from outside beside one another: one realm for each set of doors.
  const setOf = ({ doors }: RealmApp) => doors.map(({ name }) => name).join()
  return [...new Map(apps.toReversed().map((app) => [setOf(app), app])).values()]
}

/** Starts the worker that sends what the core has queued, and what queues the ends of sessions. */
function startDelivery(
  { config, now, log, templates, observation, mailboxes }: StartParts,
  core: Core,
  outward: Outward,
): Worker {
  const observer = observation.observers.delivery
  const handlersOf = (realm: RealmConfig) =>
    jobHandlers({
      ...observedTransports(transportsOf(realm, outward, mailboxes.get(realm.name)), observer),
      render: templates.messages,
      smsPrefixes: config.smsPrefixes,
      onWebhook: (seen) => observer.message('webhook', seen),
    })
  const contexts = new Map([...core.realms, [core.operators.realm.name, core.operators]])
  const worker = startWorker({
    observer,
    queue: jobQueue(core.db),
    contexts,
    handlers: new Map([...config.realms, config.operators].map((realm) => [realm.name, handlersOf(realm)])),
    now,
    log,
  })
  const sweep = startSweep({
    contexts: core.realms,
    realmsToTell: (realms) => realmsToTell(core.db, realms),
    log,
  })
  const events = startWebhookSweep({
    contexts: core.realms,
    realmsWithEvents: (realms) => realmsWithEvents(core.db, realms),
    realmsToRelease: (realms) => realmsToRelease(core.db, realms),
    log,
  })
  const parts = [sweep, events, worker]
  return {
    wake: () => {
      for (const part of parts) part.wake()
    },
    stop: async () => {
      for (const part of parts) await part.stop()
    },
  }
}

/** What this process tells of itself. */
function tasksOfNode({ now, log, observation }: StartParts, { db, realms }: Core): OperationsTasks {
  return operationsTasks({
    db,
    realms,
    traffic: observation.traffic,
    node: {
      id: uuidv7(),
      host: hostname(),
      pid: process.pid,
      version: pkg.version,
      started_at: now(),
    },
    rss: () => process.memoryUsage.rss(),
    now,
    log,
  })
}

function startTasks(parts: StartParts, core: Core, apps: RealmApp[]): Maintenance {
  const { config, now, log } = parts
  const doors = apps.flatMap(({ mounted }) => mounted.map(({ ctx }) => ctx.door))
  const openid = config.realms.flatMap(({ openid }) => openid ?? [])
  const tokenLifetimeSeconds = Math.max(
    0,
    ...doors.map(({ accessLifetime }) => accessLifetime),
    ...openid.map(longestTokenLifetime),
  )
  const lifetimes = { ...config.keys, tokenLifetimeSeconds }
  const operations = tasksOfNode(parts, core)
  const maintenance = startMaintenance({
    tasks: [
      ...keyTasks(core, retainedKeys(core.db), lifetimes),
      ...cleanupTasks(core, { now }),
      ...operations.tasks,
    ],
    log,
  })
  return {
    ...maintenance,
    stop: async () => {
      await maintenance.stop()
      await operations.leave()
    },
  }
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
