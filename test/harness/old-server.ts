import { randomUUID } from 'node:crypto'
import { after, before } from 'node:test'
import { app } from '../dialects/vastly/door.ts'
import { execute, select } from './database.ts'
import { type Engine, type ServerOptions, startTestServer, type TestServer } from './harness.ts'

const doors = ['minbil', 'credebl', 'wolfpal', 'vastly', 'pm2', 'gotrue']

/** A settings file by which every door has that old server. */
export function switchingTo(origin: string, settings = ''): string {
  const section = (door: string) => {
    const client = door === 'vastly' ? `, clientId: ${app.id}, origin: '${app.origin}'` : ''
    return `${door}: { switching: { upstream: '${origin}', timeout: 20s${settings}${client} } }`
  }
  return `realms: { main: { dialects: { ${doors.map(section).join(', ')} } } }`
}

export interface Switch {
  /** Knows the passwords. */
  old: TestServer
  /** Takes its place, and asks it. */
  next: TestServer
  /** Another one on the data of that one, on PostgreSQL; else the same. */
  beside: TestServer
}

/** A server and the one that takes its place, for all tests of the suite that this is called in. */
export function useSwitch(
  engine: Engine,
  { settings, old, ...options }: ServerOptions & { settings?: string; old?: ServerOptions } = {},
): Switch {
  const servers = {} as Switch
  before(async () => {
    servers.old = await startTestServer('sqlite', old)
    const yaml = switchingTo(servers.old.url, settings)
    servers.next = await startTestServer(engine, { yaml, ...options })
    servers.beside =
      engine === 'sqlite'
        ? servers.next
        : await startTestServer(engine, { yaml, ...options, beside: servers.next })
  })
  after(async () => {
    if (servers.beside !== servers.next) await servers.beside?.close()
    await servers.next?.close()
    await servers.old?.close()
  })
  return servers
}

/** What an import leaves of an account. */
export interface Brought {
  email: string
  /** The dialect whose old server knows the password. */
  pending?: string
  username?: string
  isUnproven?: true
  isDisabled?: true
  hash?: string
  kind?: string
  profile?: object
}

const quoted = (value: string | undefined) => (value === undefined ? 'null' : `'${value}'`)

/** Brings an account along, as an import does; its id. */
export async function bring(server: TestServer, account: Brought): Promise<string> {
  const id = randomUUID()
  const { email, pending, username, hash, kind, profile = {} } = account
  const columns = [
    'id, realm, email, email_verified_at, username, username_key, disabled_at, password_pending, password_hash',
    'password_kind, password_changed_at, profile, created_at, updated_at',
  ].join(', ')
  const values = [
    `'${id}', 'main', '${email}', ${account.isUnproven ? 'null' : 1}, ${quoted(username)}`,
    `${quoted(username)}, ${account.isDisabled ? 1 : 'null'}, ${quoted(pending)}, ${quoted(hash)}`,
    `${quoted(kind)}, ${hash === undefined ? 'null' : 1}, '${JSON.stringify(profile)}', 1, 1`,
  ].join(', ')
  await execute(server.env.DATABASE_URL ?? '', `insert into accounts (${columns}) values (${values})`)
  return id
}

export interface KeptPassword {
  hash: string | null
  kind: string | null
  pending: string | null
}

/** How the password of an account is kept; `undefined` where there is no account. */
export async function keptPassword(server: TestServer, email: string): Promise<KeptPassword | undefined> {
  const columns = 'password_hash as hash, password_kind as kind, password_pending as pending'
  const found = await select(
    server.env.DATABASE_URL ?? '',
    `select ${columns} from accounts where email = '${email}'`,
  )
  return found[0] as KeptPassword | undefined
}
