import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { sql } from 'kysely'
import pino from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { type Config, ConfigError } from './config.ts'
import { defaultClient, registerClients } from './core/clients.ts'
import type { Limiter, Realm, RealmContext } from './core/context.ts'
import { deriveSecrets, openKeyRing, type Secrets, UnsealError } from './core/keys.ts'
import { jobHandlers } from './delivery/job-handlers.ts'
import { createMailbox, type Mailbox } from './delivery/mailbox.ts'
import type { Transports } from './delivery/message.ts'
import { createMessageRenderer, type MessageRenderer } from './delivery/render.ts'
import { smsTransport } from './delivery/sms-gateway.ts'
import { smsGateway } from './delivery/sms-presets.ts'
import { smtpTransport } from './delivery/smtp.ts'
import { startWorker } from './delivery/worker.ts'
import { credebl } from './dialects/credebl/index.ts'
import { minbil } from './dialects/minbil/index.ts'
import { pm2 } from './dialects/pm2/index.ts'
import { vastly } from './dialects/vastly/index.ts'
import { wolfpal } from './dialects/wolfpal/index.ts'
import { createHasher } from './hasher.ts'
import { type App, createApp } from './http/app.ts'
import type { Dialect, MountedDialect, Pages } from './http/dialect.ts'
import { hashKeys } from './limits/keys.ts'
import { createMemoryLimiter } from './limits/memory.ts'
import { createPostgresLimiter } from './limits/postgres.ts'
import { loadMasterKey } from './master-key.ts'
import { developmentPages } from './pages/development.ts'
import { createFailureSender } from './pages/failure.ts'
import { forgotPasswordPages } from './pages/forgot-password.ts'
import { hostedPages } from './pages/hosted.ts'
import { openPageTemplates, type PageTemplates, type SendPage } from './pages/render.ts'
import { signInPages } from './pages/sign-in.ts'
import { type Database, openDatabase } from './store/database.ts'
import { jobQueue } from './store/jobs.ts'
import { limitTable } from './store/limits.ts'
import { realmStore } from './store/store.ts'

/** What a test may put in the place of the real thing. */
export interface Overrides {
  now?: () => number
  limiter?: Limiter
  /** Stands before the limiter that operators get. */
  wrapLimiter?: (limiter: Limiter) => Limiter
  /** Where log lines go instead of standard output. */
  logStream?: pino.DestinationStream
}

export interface Server {
  config: Config
  /** The port that it listens on. */
  port: number
  doors: { name: string; prefixes: string[] }[]
  /** Looks for jobs that a changed clock has made due. */
  wakeWorker(): void
  /** Finishes what runs, refuses what comes, and closes the database. */
  close(): Promise<void>
}

/** Starts everything and listens. Throws when the configuration, the database or the port cannot be used. */
export async function startServer(config: Config, overrides: Overrides = {}): Promise<Server> {
  const now = overrides.now ?? Date.now
  const log = createLog(config, overrides.logStream)
  const templates = await openTemplates(config)
  const masterKey = await loadMasterKey(config, randomBytes)
  if (config.database.engine === 'sqlite')
    await mkdir(dirname(config.database.path), { recursive: true, mode: 0o700 })
  const db = await openDatabase(config.database)
  const closing: (() => Promise<void> | void)[] = [() => db.destroy()]
  let isOpen = true

  try {
    const worker: { wake(): void } = { wake: () => {} }
    const secrets = deriveSecrets(masterKey)
    const limits = openLimits(config, db, secrets)
    closing.unshift(limits.close)
    const ctx = await openRealm(config, db, {
      now,
      log,
      secrets,
      limiter: overrides.limiter ?? overrides.wrapLimiter?.(limits.limiter) ?? limits.limiter,
      wakeWorker: () => worker.wake(),
    })
    const { sendPage, stylesheet } = templates.pages
    const pages: Pages = { sendFailure: createFailureSender(log, sendPage) }
    const mounted = dialects.map((dialect) => mount(dialect, config, { ctx, pages }))
    const doors = mounted.map(({ dialect }) => ({ name: dialect.door.dialect, prefixes: dialect.prefixes }))

    const mailbox = config.mode === 'development' ? createMailbox(now) : undefined
    const app = await createApp({
      log,
      newId: () => uuidv7(),
      trustedProxies: config.trustedProxies,
      isHttps: config.publicUrl.startsWith('https:'),
      dialects: mounted,
      isOpen: () => isOpen,
      pingDatabase: async () => {
        await sql`select 1`.execute(db)
      },
      mount: async (app) => {
        await mountPages(app, ctx, { mounted, pages, sendPage, stylesheet })
        await mountOwnRoutes(app, ctx, config, { doors, messages: mailbox?.entries, sendPage })
      },
    })

    const transports = createTransports(config, mailbox)
    closing.unshift(transports.close)
    const started = startWorker({
      queue: jobQueue(db),
      contexts: new Map([[ctx.realm.name, ctx]]),
      handlers: jobHandlers({
        ...transports,
        render: templates.messages,
        smsPrefixes: config.smsPrefixes,
      }),
      now,
      log,
    })
    worker.wake = started.wake
    closing.unshift(started.stop)
    closing.unshift(() => app.close())
    await app.listen({ host: config.host, port: config.port })

    return {
      config,
      doors,
      port: (app.server.address() as { port: number }).port,
      wakeWorker: started.wake,
      close: async () => {
        isOpen = false
        for (const close of closing.splice(0)) await close()
      },
    }
  } catch (error) {
    for (const close of closing) await close()
    throw error
  }
}

const realm: Realm = { name: 'main', password: { minLength: 8, maxLength: 256 } }
const dialects: Dialect[] = [minbil, credebl, wolfpal, vastly, pm2]
/** Passwords that may wait for a free core, per core: about two seconds' worth. */
const waitingHashes = 64

type RealmParts = Pick<RealmContext, 'now' | 'log' | 'secrets' | 'limiter' | 'wakeWorker'>

async function openRealm(config: Config, db: Database, parts: RealmParts): Promise<RealmContext> {
  const store = realmStore(db, realm.name)
  const isDevelopment = config.mode === 'development'
  const declared = dialects.flatMap(({ clients, demoClients }) => (isDevelopment ? demoClients : clients))
  const cores = availableParallelism()
  const base = { ...parts, store, randomBytes }
  return {
    ...base,
    realm,
    newId: () => uuidv7({ msecs: parts.now() }),
    publicUrl: config.publicUrl,
    keys: await openKeyRing(base).catch(blameMasterKey),
    hasher: await createHasher({ concurrency: cores, queueLength: cores * waitingHashes }),
    clients: await registerClients(base, declared),
  }
}

function blameMasterKey(error: unknown): never {
  if (!(error instanceof UnsealError)) throw error
  const key = 'the master key (MANYDOORS_SECRET, or else master.key in the data folder)'
  throw new ConfigError([`${key} is not the one that this database was set up with`])
}

/** Throws `ConfigError` with everything that is wrong with the operator's templates. */
async function openTemplates({
  templateFolder,
}: Config): Promise<{ pages: PageTemplates; messages: MessageRenderer }> {
  const pages = openPageTemplates(templateFolder)
  const messages = createMessageRenderer(templateFolder)
  const problems = [...(await pages.findProblems()), ...(await messages.findProblems())]
  if (problems.length > 0) throw new ConfigError(problems)
  return { pages, messages }
}

/** On PostgreSQL every process counts in the same table; SQLite serves one process. */
function openLimits(config: Config, db: Database, secrets: Secrets): { limiter: Limiter; close(): void } {
  const hashKey = hashKeys((key) => secrets.mac('limit-key', key))
  return config.database.engine === 'postgres'
    ? createPostgresLimiter(limitTable(db), hashKey)
    : { limiter: createMemoryLimiter(hashKey), close: () => {} }
}

function mount(
  dialect: Dialect,
  config: Config,
  { ctx, pages }: { ctx: RealmContext; pages: Pages },
): MountedDialect {
  const settings = config.dialects[dialect.door.dialect] ?? {}
  const door = dialect.doorFor?.(settings) ?? dialect.door
  return { dialect, settings, pages, ctx: { ...ctx, door, client: defaultClient(ctx, door.dialect) } }
}

/** The pages for people, of all dialects. */
async function mountPages(
  app: App,
  ctx: RealmContext,
  {
    mounted,
    pages,
    sendPage,
    stylesheet,
  }: { mounted: MountedDialect[]; pages: Pages; sendPage: SendPage; stylesheet: string },
): Promise<void> {
  const doors = new Map(mounted.map(({ ctx }) => [ctx.door.dialect, ctx]))
  await hostedPages(app, ctx, { stylesheet, sendPage, ...pages })
  await signInPages(app, { ctx, doors, sendPage, ...pages })
  await forgotPasswordPages(app, { ctx, doors, sendPage, ...pages })
}

async function mountOwnRoutes(
  app: App,
  ctx: RealmContext,
  config: Config,
  {
    doors,
    messages,
    sendPage,
  }: { doors: Server['doors']; messages?: Mailbox['entries']; sendPage: SendPage },
): Promise<void> {
  app.get('/.well-known/jwks.json', async (_request, reply) => {
    reply.headers({ 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' })
    return ctx.keys.jwks
  })
  if (config.mode === 'development')
    await developmentPages(app, { doors, messages: messages ?? (() => []), sendPage })
}

/** In milliseconds. */
const smsTimeout = 10_000

function createTransports(config: Config, mailbox: Mailbox | undefined): Transports {
  const refuse = (what: string) => () => Promise.reject(new Error(`${what} is not set`))
  const smtp = config.smtp && smtpTransport({ ...config.smtp, publicUrl: config.publicUrl })
  const sms =
    config.sms && smsTransport({ gateway: smsGateway(config.sms), network: fetch, timeout: smsTimeout })
  return {
    sendMail: smtp?.sendMail ?? mailbox?.sendMail ?? refuse('SMTP_URL'),
    sendSms: sms?.sendSms ?? mailbox?.sendSms ?? refuse('SMS_URL'),
    close: () => smtp?.close(),
  }
}

/** What must not be read in a log, should it ever get into a field of one. */
const secretFields = [
  'password',
  'token',
  'authorization',
  'cookie',
  'access_token',
  'refresh_token',
  'refreshToken',
  'code',
]

function createLog(config: Config, stream: pino.DestinationStream | undefined): pino.Logger {
  const redact = secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`])
  const serializers = { err: serializeError }
  const options: pino.LoggerOptions = { level: config.logLevel, redact, serializers, base: undefined }
  return stream ? pino(options, stream) : pino(options)
}

/** What helps to find the fault, and nothing else: PostgreSQL's errors also quote the row that they are about. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack, cause } = error
  const { code } = error as NodeJS.ErrnoException
  return { name, message, code, stack, ...(cause !== undefined && { cause: serializeError(cause) }) }
}
