import { sql } from 'kysely'
import type { Database, Engine } from '../types.ts'

export interface PostgresFacts {
  /** Such as 180004 for 18.4. */
  version: number
  versionText: string
  encoding: string
  /** Whom it takes us for, and where we are. */
  user: string
  database: string
  /** Whether we may make tables there. */
  canCreate: boolean
  /** What it allows, and how many are in use now. */
  maxConnections: number
  connections: number
  /** Epoch milliseconds, by its clock. */
  time: number
}

/** What PostgreSQL says of itself. */
export async function postgresFacts(db: Database): Promise<PostgresFacts> {
  const { rows } = await sql<PostgresFacts>`
    select current_setting('server_version_num')::int as version,
      current_setting('server_version') as "versionText",
      current_setting('server_encoding') as encoding,
      current_user as "user",
      current_database() as database,
      coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as "canCreate",
      current_setting('max_connections')::int as "maxConnections",
      (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
      (extract(epoch from clock_timestamp()) * 1000)::bigint as time`.execute(db)
  const [facts] = rows
  if (!facts) throw new Error('PostgreSQL says nothing of itself')
  return facts
}

export interface SqliteFacts {
  version: string
  journalMode: string
}

/** What SQLite says of itself and the database. */
export async function sqliteFacts(db: Database): Promise<SqliteFacts> {
  const { rows } = await sql<SqliteFacts>`
    select sqlite_version() as version, journal_mode as "journalMode" from pragma_journal_mode`.execute(db)
  return rows[0] ?? { version: '', journalMode: '' }
}

/** The version of a database, and the room that it takes. */
export async function databaseFacts(
  db: Database,
  engine: Engine,
): Promise<{ version: string; sizeBytes: number }> {
  const question =
    engine === 'sqlite'
      ? sql<Facts>`select sqlite_version() as version, page_count * page_size as size
          from pragma_page_count(), pragma_page_size()`
      : sql<Facts>`select current_setting('server_version') as version,
          pg_database_size(current_database()) as size`
  const { rows } = await question.execute(db)
  return { version: rows[0]?.version ?? '', sizeBytes: Number(rows[0]?.size) }
}

interface Facts {
  version: string
  size: number | string | bigint
}

/** When the newest event of the audit trail happened, in epoch milliseconds. Its ids begin with the time. */
export async function newestEventAt(db: Database): Promise<number | undefined> {
  const newest = await db.selectFrom('audit').select('at').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return newest?.at
}

/** The keys that no master key may fail to open. */
export function signingKeysInUse(
  db: Database,
): Promise<{ realm: string; id: string; private_sealed: string }[]> {
  return db
    .selectFrom('signing_keys')
    .select(['realm', 'id', 'private_sealed'])
    .where('retired_at', 'is', null)
    .execute()
}

/** How many passkeys there are in each realm for each domain. */
export function passkeysByDomain(
  db: Database,
): Promise<{ realm: string; rp_id: string; passkeys: number | string | bigint }[]> {
  return db
    .selectFrom('passkeys')
    .select((eb) => ['realm', 'rp_id', eb.fn.countAll().as('passkeys')])
    .groupBy(['realm', 'rp_id'])
    .orderBy('realm')
    .orderBy('rp_id')
    .execute()
}
