import type pino from 'pino'
import { v7 as uuidv7 } from 'uuid'
import type { Config, RealmConfig } from '../config/config.ts'
import { readSmtpUrl } from '../config/sections/smtp.ts'
import { syncDeclaredClients } from '../core/clients/clients.ts'
import type { Log } from '../core/log.ts'
import { jobHandlers } from '../delivery/jobs/handlers.ts'
import { observedHandlers, observedTransports } from '../delivery/jobs/observed.ts'
import { handlersByRealm } from '../delivery/jobs/realm-handlers.ts'
import { startWorker } from '../delivery/jobs/worker.ts'
import { createMailbox, type Mailbox } from '../delivery/mailbox.ts'
import type { Transports } from '../delivery/message.ts'
import { smsTransport } from '../delivery/sms/gateway.ts'
import { smsGateway } from '../delivery/sms/presets.ts'
import { dialects } from '../dialects/registry.ts'
import { serverOptions } from '../http/app.ts'
import { findClientAddress } from '../http/client-address.ts'
import { type OpenPort, openPort } from '../http/hosts.ts'
import type { ServedRoute } from '../http/served-routes.ts'
import type { Metrics } from '../observability/metrics.ts'
import { openObservation } from '../observability/observation.ts'
import { type Listening, type Publish, publishMetrics } from '../observability/publish.ts'
import { stateReader } from '../observability/state.ts'
import { connectionProbe } from '../store/postgres/connection-probe.ts'
import { jobQueue } from '../store/tables/jobs.ts'
import { retainedKeys } from '../store/tables/retained-keys.ts'
import { signingSince } from '../store/tables/signing-keys.ts'
import { type CoreParts, openCore } from './core.ts'
import { createLog } from './log.ts'
import { cleanupTasks } from './maintenance/cleanup-tasks.ts'
import { keyTasks } from './maintenance/key-tasks.ts'
import { startMaintenance } from './maintenance/scheduler.ts'
import { openAllTemplates } from './open-templates.ts'
import { type MountedPrefixes, realmApp } from './realm-app.ts'

/** What may take the place of a default, in tests above all. */
export interface Overrides
  extends Partial<Pick<CoreParts, 'now' | 'cores' | 'argon2' | 'counts' | 'stopping'>> {
  /** How long a client may take to send its request. */
  requestTimeoutMs?: number
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
  const now = overrides.now ?? Date.now
  let here: () => object = () => ({})
  const log = createLog(config, overrides.logStream, { now, here: () => here() })
  const templates = await openAllTemplates(config)
  const worker: { wake(): void } = { wake: () => {} }
  const observation = await openObservation(config, { log, now })
  const { observers } = observation
  here = observation.here
  const wakeWorker = () => observation.outside(() => worker.wake())
  const closing: (() => Promise<void> | void)[] = [observation.close]
  const timeouts = {
    requestTimeoutMs: overrides.requestTimeoutMs,
    keepAliveTimeoutMs: config.keepAliveSeconds * 1000,
  }
  const listen = () => openPort(config, serverOptions(timeouts))
  let port: OpenPort | undefined
  let isOpen = true

  try {
    if (!overrides.listensWhenReady) port = await listen()
    const core = await openCore(config, {
      ...overrides,
      now,
      log,
      databaseLog: log,
      wakeWorker,
      observers,
      openClients: syncDeclaredClients,
    })
    closing.unshift(core.close)
    const isDevelopment = config.mode === 'development'
    const letsIn = config.database.engine === 'postgres' ? connectionProbe(config.database) : undefined
    const mailboxes = new Map<string, Mailbox>()
    const mailboxOf = overrides.mailboxOf ?? (() => createMailbox(now))
    if (isDevelopment) for (const { name } of config.realms) mailboxes.set(name, mailboxOf(name))
    const options = {
      log,
      newId: () => uuidv7(),
      trustedProxies: config.trustedProxies,
      addressOf: findClientAddress({ trustedProxies: config.trustedProxies, log }),
      isOpen: () => isOpen,
      ...timeouts,
      requests: observation.requests,
      pingDatabase: async () => {
        // Nothing that SQLite's writer would commit together with what others write, and fail with it.
        await Promise.all([core.db.selectNoFrom((eb) => eb.lit(1).as('one')).execute(), letsIn?.()])
      },
    }
    const shown = {
      templates: templates.pages,
      dialects: [...dialects, ...config.loadedDialects],
      metrics: isDevelopment ? observation.metrics : undefined,
    }
    const apps = config.realms.map((realm) => {
      const ctx = core.realms.get(realm.name)
      if (!ctx) throw new Error(`realm ${realm.name} is not open`)
      return realmApp(realm, ctx, { ...shown, messages: mailboxes.get(realm.name)?.entries, options })
    })
    // The others when they are first asked for: there may be hundreds.
    await apps[0]?.app.open()

    const outward = await createOutward(config)
    closing.unshift(outward.close)
    const handlersOf = (realm: RealmConfig) =>
      jobHandlers({
        ...observedTransports(transportsOf(realm, outward, mailboxes.get(realm.name)), observers.delivery),
        render: templates.messages,
        smsPrefixes: config.smsPrefixes,
      })
    const started = startWorker({
      observer: observers.delivery,
      queue: jobQueue(core.db),
      contexts: core.realms,
      handlers: observedHandlers(
        handlersByRealm(new Map(config.realms.map((realm) => [realm.name, handlersOf(realm)]))),
        observers.delivery,
      ),
      now,
      log,
    })
    worker.wake = started.wake
    closing.unshift(started.stop)
    const accessLifetimeSeconds = Math.max(
      0,
      ...apps.flatMap(({ mounted }) => mounted.map(({ ctx }) => ctx.door.accessLifetime)),
    )
    const lifetimes = { ...config.keys, accessLifetimeSeconds }
    const maintenance = startMaintenance({
      tasks: [
        ...keyTasks(core.realms.values(), retainedKeys(core.db), lifetimes),
        ...cleanupTasks(core, { retention: config.retention, now }),
      ],
      log,
    })
    closing.unshift(maintenance.stop)
    const keysSince = () => signingSince(core.db, [...core.realms.keys()])
    observation.metrics?.watchState(stateReader(jobQueue(core.db), keysSince, now))
    const metrics = await publish(observation.metrics, config, { log, ...overrides })
    closing.unshift(async () => metrics?.close())
    port ??= await listen()
    closing.unshift(port.close)
    port.serve(
      apps.map(({ app, realm }) => ({ app, hosts: realm.hosts })),
      log,
    )

    return {
      config,
      realms: apps.map(({ realm, doors }) => ({ name: realm.name, hosts: realm.hosts, doors })),
      routes: apps[0]?.routes() ?? [],
      port: port.port,
      metrics,
      wakeWorker: started.wake,
      maintain: maintenance.runAll,
      close: async () => {
        isOpen = false
        for (const close of closing.splice(0)) await close()
      },
    }
  } catch (error) {
    await port?.close()
    for (const close of closing) await close()
    throw error
  }
}

/** Makes metrics available, if there are any, where the configuration or whoever starts the server wants them. */
async function publish(
  metrics: Metrics | undefined,
  config: Config,
  { log, publish }: { log: Log; publish?: Publish },
): Promise<Listening | undefined> {
  if (!metrics || !config.metrics) return undefined
  return publish ? publish(metrics) : publishMetrics(metrics, config.metrics, log)
}

const smsTimeoutMs = 10_000

interface Outward extends Partial<Pick<Transports, 'sendMail' | 'sendSms'>> {
  close(): void
}

/** The ways out of this machine, as far as they are configured. */
async function createOutward(config: Config): Promise<Outward> {
  const { publicUrl } = config
  const urlFile = config.smtp?.urlFile
  const readUrl = urlFile === undefined ? undefined : () => readSmtpUrl(urlFile)
  // Loaded where it is needed, as it takes memory.
  const smtp =
    config.smtp &&
    (await import('../delivery/mail/smtp.ts')).smtpTransport({ ...config.smtp, publicUrl, readUrl })
  const sms =
    config.sms && smsTransport({ gateway: smsGateway(config.sms), network: fetch, timeout: smsTimeoutMs })
  return { sendMail: smtp?.sendMail, sendSms: sms?.sendSms, close: () => smtp?.close() }
}

/** How one realm's messages go: out, else into its own mailbox in development. */
function transportsOf({ mailFrom }: RealmConfig, outward: Outward, mailbox: Mailbox | undefined): Transports {
  const { sendMail: send } = outward
  const refuse = (what: string) => () => Promise.reject(new Error(`${what} is not set`))
  return {
    sendMail: send
      ? (mail) => send({ ...mail, ...(mailFrom !== undefined && { from: mailFrom }) })
      : (mailbox?.sendMail ?? refuse('SMTP_URL')),
    sendSms: outward.sendSms ?? mailbox?.sendSms ?? refuse('SMS_URL'),
    close: () => {},
  }
}
