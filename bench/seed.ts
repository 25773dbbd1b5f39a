import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readConfig } from '../src/config/read-config.ts'
import { defaultClient } from '../src/core/clients/clients.ts'
import type { Context } from '../src/core/context.ts'
import { unasked } from '../src/core/hooks/permit.ts'
import { personClaims } from '../src/core/sessions/person-claims.ts'
import { createSession } from '../src/core/sessions/sessions.ts'
import { issueTokens } from '../src/core/sessions/tokens.ts'
import { dialects } from '../src/dialects/registry.ts'
import { type Core, openCore } from '../src/server/core.ts'
import { createLog } from '../src/server/log.ts'
import { seedOpenidClients } from './openid/seed-clients.ts'

/** Somebody on whose behalf load is made, with a session of each door that is measured. */
export interface Person {
  id: string
  /** Where requests of theirs come from that wait for their turn by address. */
  address: string
  email: string
  /** Of minbil, whose refresh is measured. */
  refreshTokens: string[]
  /** Of credebl, whose list of sessions is measured. */
  accessTokens: string[]
}

type Door = 'minbil' | 'credebl'

export const password = 'correct horse battery staple'

/** The environment of a server on that folder. Its master key is for this and nothing else. */
export function environmentOf(folder: string, databaseUrl?: string): Record<string, string> {
  return {
    PORT: '0',
    MANYDOORS_DATA: folder,
    MANYDOORS_SECRET: createHash('sha256').update('manydoors bench').digest('base64'),
    MANYDOORS_PUBLIC_URL: 'http://localhost:5000',
    LOG_LEVEL: 'error',
    // The load speaks for many addresses.
    MANYDOORS_TRUSTED_PROXIES: '127.0.0.1',
    ...(databaseUrl && { DATABASE_URL: databaseUrl }),
  }
}

export interface Population {
  /** In all, most of them with one session and nobody who uses it. */
  accounts: number
  /** Of them, those on whose behalf load is made. */
  people: number
  /** Sessions of each of these. */
  minbil: number
  credebl: number
}

/** Fills an empty database. */
export async function seed(env: Record<string, string>, population: Population): Promise<Person[]> {
  const { accounts, people, ...sessions } = population
  const config = readConfig(env)
  await mkdir(config.dataFolder, { recursive: true })
  const log = createLog(config, process.stderr, { now: Date.now })
  const core = await openCore(config, { now: Date.now, log, wakeWorker: () => {} })
  try {
    const ctx = contextOf(core, 'minbil')
    await seedOpenidClients(ctx)
    const hash = await ctx.hasher.hash(password, ctx.origin)
    const made: Person[] = []
    for (let index = 0; index < people; index++) made.push(await makePerson(core, { index, hash, sessions }))
    if (config.database.engine === 'sqlite') fill(config.database.path, accounts - people, hash)
    return made
  } finally {
    await core.close()
  }
}

async function makePerson(
  core: Core,
  { index, hash, sessions }: { index: number; hash: string; sessions: Record<Door, number> },
): Promise<Person> {
  const ctx = contextOf(core, 'minbil')
  const email = `person-${index}@bench.example`
  const account = await ctx.store.accounts.create(
    { id: ctx.newId(), email, email_verified_at: ctx.now(), password_hash: hash },
    ctx.now(),
  )
  if (!account) throw new Error(`${email} is taken`)
  const tokensOf = async (dialect: Door) => {
    const ctx = contextOf(core, dialect)
    // Each in a transaction of its own would take as long as the disk takes for so many flushes.
    const rows = await ctx.store.transaction(async (store) => {
      const made = []
      for (let count = 0; count < sessions[dialect]; count++)
        made.push(await createSession({ ...ctx, store }, account.id, { first: 'password', permit: unasked }))
      return made
    })
    return Promise.all(
      rows.map(async (session) => {
        const { claims } = await personClaims(ctx, session, account)
        return issueTokens(ctx, session, claims)
      }),
    )
  }
  const [minbil, credebl] = [await tokensOf('minbil'), await tokensOf('credebl')]
  return {
    id: account.id,
    address: `198.18.${index >> 8}.${index & 255}`,
    email,
    refreshTokens: minbil.map(({ refreshToken }) => refreshToken),
    accessTokens: credebl.map(({ accessToken }) => accessToken),
  }
}

function contextOf(core: Core, dialect: string): Context {
  const ctx = core.realms.get('main')
  const door = dialects.find(({ door }) => door.dialect === dialect)?.door
  if (!ctx || !door) throw new Error(`there is no ${dialect}`)
  const origin = { ip: '127.0.0.1', requestId: 'bench', language: 'en' } as const
  // As many sessions as are asked for.
  return {
    ...ctx,
    door: { ...door, maxSessions: Number.MAX_SAFE_INTEGER },
    client: defaultClient(ctx, dialect),
    origin,
  }
}

/** Adds accounts with a session each, whose ids and names are in no order that helps. */
function fill(path: string, count: number, hash: string): void {
  if (count <= 0) return
  const database = new DatabaseSync(path)
  const columnsOf = (table: string) =>
    database
      .prepare(`select name from pragma_table_info('${table}')`)
      .all()
      .map(({ name }) => String(name))
  const copy = (table: string, changes: Record<string, string>) => {
    const columns = columnsOf(table)
    const values = columns.map((column) => changes[column] ?? column)
    database.exec(
      `with recursive number (n) as (select 1 union all select n + 1 from number where n < ${count}),
            first as (select * from ${table} limit 1)
       insert into ${table} (${columns.join(', ')}) select ${values.join(', ')} from number, first`,
    )
  }
  const uuid = (salt: number) =>
    `printf('%08x-0000-7000-8000-%012x', (n * 2654435761 + ${salt}) % 4294967296, n)`
  database.exec('pragma synchronous = off; begin')
  copy('accounts', { id: uuid(7), email: `printf('filler-%d@bench.example', n)`, password_hash: `'${hash}'` })
  copy('sessions', { id: uuid(11), account_id: uuid(7), dialect: `'minbil'`, client_id: `'minbil'` })
  database.exec('commit; pragma wal_checkpoint(truncate); analyze')
  database.close()
}

/** Keeps what a load needs to know where its process finds it. */
export async function writePeople(folder: string, people: Person[]): Promise<string> {
  const path = join(folder, 'people.json')
  await writeFile(path, JSON.stringify(people))
  return path
}
