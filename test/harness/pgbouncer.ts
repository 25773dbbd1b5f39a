import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../global-setup.ts'
import { eventually } from './events.ts'

const program = '/usr/sbin/pgbouncer'

/** Whether the system has a PgBouncer; its package is `pgbouncer` on Debian. */
export const hasPgbouncer = existsSync(program)

/** A real PgBouncer on the loopback. */
export interface Pgbouncer {
  /** The address of the same database through it. */
  through(databaseUrl: string): string
  /** Has it go on with other settings, without letting go of anybody. */
  reload(settings: PgbouncerSettings): Promise<void>
  close(): Promise<void>
}

export interface PgbouncerSettings {
  pool_mode: 'session' | 'transaction'
  /** Connections to PostgreSQL for each database. */
  default_pool_size?: number
}

/** Starts a PgBouncer before the PostgreSQL at that address, with its user for every database. The caller closes it. */
export async function startPgbouncer(postgresUrl: string, settings: PgbouncerSettings): Promise<Pgbouncer> {
  const { hostname, port, username, password } = new URL(postgresUrl)
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-pgbouncer-'))
  await chmod(folder, 0o755)
  const ownPort = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  const write = (settings: PgbouncerSettings) => {
    const lines = {
      listen_addr: '127.0.0.1',
      listen_port: ownPort,
      unix_socket_dir: '',
      auth_type: 'any',
      max_client_conn: 500,
      // In seconds: how soon it tries again to be let in.
      server_login_retry: 1,
      ...settings,
    }
    const text = [
      '[databases]',
      `* = host=${hostname} port=${port} user=${username} password=${password}`,
      '[pgbouncer]',
      ...Object.entries(lines).map(([name, value]) => `${name} = ${value}`),
    ]
    return writeFile(file, `${text.join('\n')}\n`)
  }
  await write(settings)
  const child = spawn(program, ['--quiet', file], { stdio: 'ignore', ...nobody() })
  const ended = new Promise<void>((end) => child.once('close', () => end()))
  await eventually('PgBouncer', () => answers(child, ownPort))
  return {
    through: (databaseUrl) => {
      const url = new URL(databaseUrl)
      url.port = String(ownPort)
      return url.href
    },
    reload: async (settings) => {
      await write(settings)
      child.kill('SIGHUP')
    },
    close: async () => {
      // At once, and not when the last client has gone.
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** It refuses to run as root. */
function nobody(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (what: '-u' | '-g') => Number(execFileSync('id', [what, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

async function answers(child: ChildProcess, port: number): Promise<true | undefined> {
  if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}`)
  return new Promise((answered) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => answered(true)).once('error', () => answered(undefined))
    socket.once('connect', () => socket.destroy())
  })
}
