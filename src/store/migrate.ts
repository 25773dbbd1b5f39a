import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Engine } from './database.ts'

/** A change of the tables. It only adds, so that the release before it goes on working on what it leaves. */
export interface SchemaChange extends Migration {
  /** It takes away or changes what the release before it needs: that release refuses to start on it. */
  isBreaking?: boolean
}

/** By their names, which begin with their number. */
export type SchemaChanges = Record<string, SchemaChange>

export interface ChangeState {
  name: string
  /** Epoch milliseconds, 0 when that was not written down; `undefined` for one that waits. */
  appliedAt: number | undefined
  /** Whether this release has it, or else a newer one has brought it. */
  isKnown: boolean
  isBreaking: boolean
}

/** A newer release has changed the database in a way that this one cannot work with. */
export class SchemaTooNew extends Error {
  constructor(name: string) {
    super(
      `a newer release has changed this database so that this one cannot use it (${name}): ` +
        'start the newer release, or restore the backup that was made before the upgrade',
    )
    this.name = 'SchemaTooNew'
  }
}

/**
 * Written down where Kysely's own Migrator looks, and nothing else is: the releases that use it refuse to start on
 * a database that lists there what they do not know.
 */
const first = new Set(['001-core', '002-second-factors', '003-limits'])

/** The lock of Kysely's Migrator, so that a release that uses it waits for one that does not. */
const lockId = sql.lit(3853314791062309107n)

/** Which changes are in the database, which wait, and which are of a newer release; ordered by name. Only reads. */
export async function readChanges(
  db: Kysely<unknown>,
  engine: Engine,
  changes: SchemaChanges,
): Promise<ChangeState[]> {
  const applied = new Map<string, { at: number; isBreaking: boolean }>()
  if (await hasTable(db, engine, 'kysely_migration')) {
    const { rows } = await sql<{ name: string; timestamp: string }>`
      select name, timestamp from kysely_migration`.execute(db)
    for (const { name, timestamp } of rows)
      applied.set(name, { at: Date.parse(timestamp) || 0, isBreaking: false })
  }
  if (await hasTable(db, engine, 'schema_changes')) {
    const { rows } = await sql<{ name: string; applied_at: number; is_breaking: number }>`
      select name, applied_at, is_breaking from schema_changes`.execute(db)
    for (const row of rows) applied.set(row.name, { at: row.applied_at, isBreaking: row.is_breaking === 1 })
  }
  return [...new Set([...applied.keys(), ...Object.keys(changes)])].sort().map((name) => ({
    name,
    appliedAt: applied.get(name)?.at,
    isKnown: name in changes,
    isBreaking: applied.get(name)?.isBreaking ?? changes[name]?.isBreaking ?? false,
  }))
}

/**
 * Whether nobody else changes the tables, nor can until the transaction ends. On SQLite the transaction itself is the
 * lock, and has been waited for.
 */
export async function isTurn(db: Kysely<unknown>, engine: Engine): Promise<boolean> {
  if (engine === 'sqlite') return true
  const { rows } = await sql<{ ours: boolean }>`
    select pg_try_advisory_xact_lock(${lockId}) as ours`.execute(db)
  return rows[0]?.ours === true
}

/**
 * Makes every change that is missing, in a transaction of the caller's: of several that come at once, one does it
 * and the others wait. Returns the names of those it made. Leaves alone what a newer release has added, and throws
 * `SchemaTooNew` where that is breaking.
 */
export async function applyChanges(
  db: Kysely<unknown>,
  engine: Engine,
  changes: SchemaChanges,
  now: number,
): Promise<string[]> {
  // On SQLite the transaction itself is the lock.
  if (engine === 'postgres') await sql`select pg_advisory_xact_lock(${lockId})`.execute(db)
  const states = await readChanges(db, engine, changes)
  const obstacle = states.find((state) => state.isBreaking && !state.isKnown)
  if (obstacle) throw new SchemaTooNew(obstacle.name)

  const missing = states.filter(({ appliedAt }) => appliedAt === undefined)
  // Not before: a role that may not create tables can serve on a database that another has migrated.
  if (missing.length > 0) await createTables(db)
  for (const { name } of missing) {
    await changes[name]?.up(db)
    await writeDown(db, name, { now, isBreaking: changes[name]?.isBreaking ?? false })
  }
  const isUpgrade = missing.length > 0 && missing.length < states.length
  if (engine === 'postgres' && isUpgrade) await endNamelessConnections(db)
  return missing.map(({ name }) => name)
}

/**
 * Release 0.1.0 gives its connections no name, and for as long as they last repeats statements that PostgreSQL has
 * prepared for the columns of before, and refuses from now on. On new ones it waits for the tables, which this
 * transaction holds, and finds their new columns, which do not concern it. One that is starting waits for the lock above, and may go on.
 */
async function endNamelessConnections(db: Kysely<unknown>): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and usename = current_user and application_name = ''
      and backend_type = 'client backend' and pid <> pg_backend_pid()
      and wait_event is distinct from 'advisory'`.execute(db)
}

async function createTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('kysely_migration')
    .ifNotExists()
    .addColumn('name', 'varchar(255)', (c) => c.notNull().primaryKey())
    .addColumn('timestamp', 'varchar(255)', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('schema_changes')
    .ifNotExists()
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('applied_at', 'bigint', (c) => c.notNull())
    .addColumn('is_breaking', 'bigint', (c) => c.notNull())
    .execute()
}

async function writeDown(
  db: Kysely<unknown>,
  name: string,
  { now, isBreaking }: { now: number; isBreaking: boolean },
): Promise<void> {
  if (first.has(name)) {
    const at = new Date(now).toISOString()
    await sql`insert into kysely_migration (name, timestamp) values (${name}, ${at})`.execute(db)
    return
  }
  await sql`insert into schema_changes (name, applied_at, is_breaking)
    values (${name}, ${now}, ${isBreaking ? 1 : 0})`.execute(db)
}

async function hasTable(db: Kysely<unknown>, engine: Engine, name: string): Promise<boolean> {
  const { rows } =
    engine === 'sqlite'
      ? await sql`select 1 from sqlite_schema where type = 'table' and name = ${name}`.execute(db)
      : await sql`select 1 where to_regclass(${name}) is not null`.execute(db)
  return rows.length > 0
}
