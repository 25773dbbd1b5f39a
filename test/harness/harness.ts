import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import type { Config, RealmConfig } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { Limiter } from '../../src/core/context.ts'
import { limits } from '../../src/core/limits/limits.ts'
import type { Mailbox, MailboxEntry } from '../../src/delivery/mailbox.ts'
import type { ServedRoute } from '../../src/http/served-routes.ts'
import type { LimitSettings } from '../../src/limits/settings.ts'
import { startServer } from '../../src/server/server.ts'
import type { Overrides } from '../../src/server/start-parts.ts'
import { asAdmin } from '../global-setup.ts'
import { cheapArgon2 } from './cheap-hashing.ts'
import { holdToDocuments } from './described.ts'
import { eventually, notify } from './events.ts'
import { exchange } from './exchange.ts'
import { createWatchedMailbox, readMailbox } from './mailboxes.ts'

export type Engine = 'sqlite' | 'postgres'

/** Why tests on PostgreSQL are skipped; `false` where they are run. `npm run test:quick` sets TEST_POSTGRES. */
export const noPostgres = process.env.TEST_POSTGRES === 'off' && 'TEST_POSTGRES=off'

/**
 * Declares tests once for each database: those that one has a part in. What no database sees is tried on SQLite alone.
 * Those on PostgreSQL are skipped where there is to be none.
 */
export function onEveryEngine(name: string, tests: (engine: Engine) => void): void {
  describe(`${name} on sqlite`, () => tests('sqlite'))
  describe(`${name} on postgres`, { skip: noPostgres }, () => tests('postgres'))
}

/** A clock that goes on by itself, and can be set forward. */
interface Clock {
  now(): number
  /** Sets the clock forward, and has jobs run that are due by then. */
  advance(milliseconds: number): void
}

export interface Answer {
  status: number
  headers: Headers
  /** The body, parsed when it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what came over the wire, which has no type
  body: any
  text: string
  /** The cookies it sets: name=value. */
  cookies: string[]
}

export interface RequestOptions {
  /** Sent as JSON. */
  json?: unknown
  /** Sent urlencoded. */
  form?: Record<string, string>
  /** Sent as it is. */
  raw?: string | Buffer
  /** An access token. */
  bearer?: string
  headers?: Record<string, string>
}

export interface TestServer {
  engine: Engine
  /** `http://127.0.0.1:PORT` */
  url: string
  clock: Clock
  /** The environment that it was started with, enough to start another on the same data. */
  env: Record<string, string>
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>
  /** What it hashes passwords with; the library when there is none. */
  argon2?: Overrides['argon2']
  /** Newest first. */
  mailbox(): Promise<MailboxEntry[]>
  /** The newest mail to that address whose subject matches; waits for it. */
  mail(to: string, subject: RegExp): Promise<MailboxEntry>
  /** Every line that was logged, parsed. */
  log: Record<string, unknown>[]
  /** Every body and cookie that was answered, and every request that carried a secret: what a wire-tapper saw. */
  wire: string[]
  /** Every route that it serves. */
  routes: ServedRoute[]
  /** Of the port that metrics have of their own: `http://127.0.0.1:PORT`. */
  metricsUrl: string
  /** Does at once what maintenance would do in time. */
  maintain(): Promise<void>
  /** Stops it, does something meanwhile, and starts it again on the same data. */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** As if no limit were set: for tests that are not about limits. */
const noLimits: Limiter = {
  consume: async () => {},
  refund: async () => {},
  reset: async () => {},
  clear: async () => {},
  read: async () => [],
}

export interface ServerOptions {
  /** Shares the data and the clock of that server, which is closed after this one. */
  beside?: TestServer
  env?: Record<string, string>
  /** The address by which it reaches its database, if that is another one: what lies between. */
  through?: (databaseUrl: string) => string
  /** What single dialects of every realm are set to, by their names. */
  dialects?: Record<string, Record<string, unknown>>
  /** A settings file. */
  yaml?: string
  /** `real`: the limits that operators get. By names of rules: those, with so many points for these, or `Infinity`. */
  limits?: 'none' | 'real' | Record<string, number>
  /** In milliseconds: how long a client may take to send its request. */
  requestTimeoutMs?: number
  /** How many passwords are hashed at a time. */
  cores?: Overrides['cores']
  /** What hashes them; at next to no cost when not given, at the cost that operators get when it is `real`. */
  hashing?: 'real' | Overrides['argon2']
}

/** What is set of the limits for some to have other points; the others are as the core has them. */
function withPoints(points: Record<string, number>): LimitSettings {
  const secondsOf = (name: string) => Object.values(limits).find((rule) => rule.name === name)?.seconds ?? 0
  return Object.fromEntries(
    Object.entries(points).map(([name, points]) => [
      name,
      points === Number.POSITIVE_INFINITY ? 'off' : { points, seconds: secondsOf(name) },
    ]),
  )
}

let files = 0

function withDialects(config: Config, settings: Record<string, Record<string, unknown>>): Config {
  const set = ([name, dialect]: [string, RealmConfig['dialects'][string]]) => [
    name,
    { ...dialect, settings: { ...dialect.settings, ...settings[name] } },
  ]
  const realms = config.realms.map((realm) => ({
    ...realm,
    dialects: Object.fromEntries(Object.entries(realm.dialects).map(set)),
  }))
  return { ...config, realms }
}

/** A server for all tests of the suite that this is called in: started before the first, closed after the last. */
export function useServer(engine: Engine, options: ServerOptions = {}): TestServer {
  const server = {} as TestServer
  before(async () => {
    Object.setPrototypeOf(server, await startTestServer(engine, options))
  })
  after(() => server.close?.())
  return server
}

/** With so many, fifty callers at one address find places to wait for the hashing of their passwords. */
export const coresForCrowds = 4

/** Two servers on one PostgreSQL and with one clock, for all tests of the suite that this is called in. */
export function useTwoServers(): { first: TestServer; second: TestServer } {
  const first = {} as TestServer
  const second = {} as TestServer
  before(async () => {
    Object.setPrototypeOf(first, await startTestServer('postgres', { cores: coresForCrowds }))
    Object.setPrototypeOf(second, await startTestServer('postgres', { beside: first, cores: coresForCrowds }))
  })
  after(async () => {
    await second.close?.()
    await first.close?.()
  })
  return { first, second }
}

/** Starts a whole server on a database of its own, on a free port of the loopback. The caller closes it. */
export async function startTestServer(engine: Engine, options: ServerOptions = {}): Promise<TestServer> {
  const { beside, limits: limited = 'none', hashing = cheapArgon2 } = options
  const argon2 = hashing === 'real' ? undefined : hashing
  const data = beside ? undefined : await createData(engine, templateOf(engine))
  const env: Record<string, string> = {
    PORT: '0',
    LOG_LEVEL: 'info',
    MANYDOORS_PUBLIC_URL: 'http://localhost:5000',
    ...data?.env,
    ...beside?.env,
    ...options.env,
  }
  if (options.through && data) env.DATABASE_URL = options.through(data.env.DATABASE_URL)
  if (options.yaml !== undefined) {
    env.MANYDOORS_CONFIG = join(env.MANYDOORS_DATA ?? '', `settings-${++files}.yaml`)
    await writeFile(env.MANYDOORS_CONFIG, options.yaml)
  }
  const log: Record<string, unknown>[] = []
  const wire: string[] = []
  let offset = 0
  const now = beside ? beside.clock.now : () => Date.now() + offset
  const overrides: Overrides = {
    now,
    ...(limited === 'none' && { counts: noLimits }),
    requestTimeoutMs: options.requestTimeoutMs,
    ...(options.cores !== undefined && { cores: options.cores }),
    argon2,
    mailboxOf: (realm) => {
      const mailbox = createWatchedMailbox(now)
      mailboxes.set(realm, mailbox)
      return mailbox
    },
    logStream: {
      write: (line) => {
        log.push(JSON.parse(line))
        notify()
      },
    },
  }
  const config = () => {
    const config = withDialects(readConfig(env), options.dialects ?? {})
    if (typeof limited === 'object') Object.assign(config.limits, withPoints(limited))
    return config
  }
  const mailboxes = new Map<string, Mailbox>()
  const start = async () => {
    const server = await startServer(config(), overrides)
    holdToDocuments(`http://127.0.0.1:${server.port}`, server.config)
    return server
  }
  let server = await start().catch(async (error) => {
    await data?.drop()
    throw error
  })
  const url = () => `http://127.0.0.1:${server.port}`

  const mailbox = () => {
    const kept = mailboxes.get(server.realms[0]?.name ?? '')
    if (!kept) throw new Error('in production no message is kept')
    return kept
  }

  return {
    engine,
    env,
    argon2,
    log,
    wire,
    get url() {
      return url()
    },
    get metricsUrl() {
      return `http://127.0.0.1:${server.metrics?.port}`
    },
    get routes() {
      return server.routes
    },
    clock: {
      now,
      advance: (milliseconds) => {
        if (beside) beside.clock.advance(milliseconds)
        else offset += milliseconds
        server.wakeWorker()
      },
    },
    ...readMailbox(async () => [...mailbox().entries()]),
    request: async (method, path, options = {}) => {
      const answer = await send(`${url()}${path}`, method, options)
      wire.push(answer.text, ...answer.cookies, path, JSON.stringify(options))
      return answer
    },
    maintain: () => server.maintain(),
    restart: async (meanwhile) => {
      await server.close()
      await meanwhile?.()
      server = await start()
    },
    close: async () => {
      await server.close()
      await data?.drop()
    },
  }
}

export interface TestData {
  /** The environment of a server that keeps everything there. */
  env: { MANYDOORS_DATA: string; DATABASE_URL: string }
  drop(): Promise<void>
}

/** What databases of servers are copied from: on PostgreSQL the name of one, on SQLite a file. The run makes both. */
export function templateOf(engine: Engine): string | undefined {
  return engine === 'sqlite' ? process.env.TEST_SQLITE_TEMPLATE : process.env.TEST_DATABASE_TEMPLATE
}

/** A database, a copy of that template or else empty, and an empty data folder. The caller drops them. */
export async function createData(engine: Engine, template?: string): Promise<TestData> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-test-'))
  const database =
    engine === 'sqlite' ? await sqliteDatabase(folder, template) : await postgresDatabase(template)
  return {
    env: { MANYDOORS_DATA: folder, DATABASE_URL: database.url },
    drop: async () => {
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The mail to that address about that subject which `cause` has sent, and not an earlier one; waits for it. */
export async function mailCausedBy(
  server: TestServer,
  { to, subject }: { to: string; subject: RegExp },
  cause: () => Promise<unknown>,
): Promise<MailboxEntry> {
  const earlier = new Set((await server.mailbox()).map((entry) => entry.id))
  await cause()
  return eventually(`a new mail to ${to} about ${subject}`, async () =>
    (await server.mailbox()).find(
      (entry) => entry.to === to && subject.test(entry.subject) && !earlier.has(entry.id),
    ),
  )
}

/** An address that no other test uses. */
export function freshEmail(): string {
  return `person-${process.pid}-${++people}@example.com`
}
let people = 0

/** The value of a link's query parameter. */
export function queryOf(link: string | undefined, name: string): string {
  const value = link && new URL(link).searchParams.get(name)
  if (!value) throw new Error(`no ${name} in ${link}`)
  return value
}

/** What an access or refresh JWT claims; nothing is checked. */
// biome-ignore lint/suspicious/noExplicitAny: claims have no type
export function claimsOf(token: string): any {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

/** Sends one request; everything that a server answers is an answer, and only a broken connection throws. */
export async function send(url: string, method: string, options: RequestOptions = {}): Promise<Answer> {
  const headers: Record<string, string> = { ...options.headers }
  if (options.bearer !== undefined) headers.authorization = `Bearer ${options.bearer}`
  let body: string | Buffer | undefined = options.raw
  if (options.json !== undefined) {
    headers['content-type'] ??= 'application/json'
    body = JSON.stringify(options.json)
  } else if (options.form) {
    headers['content-type'] ??= 'application/x-www-form-urlencoded'
    body = new URLSearchParams(options.form).toString()
  }
  const answer = await exchange(url, { method, headers, body })
  const { text } = answer
  const isJson = /json/.test(answer.headers.get('content-type') ?? '')
  return {
    ...answer,
    body: isJson && text ? JSON.parse(text) : text,
    cookies: answer.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0] ?? ''),
  }
}

interface TestDatabase {
  url: string
  drop(): Promise<void>
}

async function sqliteDatabase(folder: string, template: string | undefined): Promise<TestDatabase> {
  const path = join(folder, 'test.db')
  if (template !== undefined) await copyFile(template, path)
  return { url: `sqlite:${path}`, drop: async () => {} }
}

let databases = 0

async function postgresDatabase(template = 'template1'): Promise<TestDatabase> {
  const admin = process.env.TEST_DATABASE_URL
  if (!admin)
    throw new Error('run the tests with `npm test`, which starts PostgreSQL, or set TEST_DATABASE_URL')
  const name = `manydoors_test_${process.pid}_${++databases}`
  const url = new URL(admin)
  url.pathname = `/${name}`
  await asAdmin(admin, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`)
  return { url: url.href, drop: () => asAdmin(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}
