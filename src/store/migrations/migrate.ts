import { type Kysely, sql } from 'kysely'
import { engineOf } from '../engine-of.ts'
import type { Database } from '../types.ts'

/** A change of the tables. It only adds, so that the release before it goes on working on what it leaves. */
export interface SchemaChange {
  /** Within a transaction of the caller's. */
  up(db: Kysely<unknown>): Promise<void>
  /** It takes away or changes what the release before it needs: that release refuses to start on it. */
  isBreaking?: boolean
}

/** Runs statements one after the other. */
export async function runStatements(db: Kysely<unknown>, statements: string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

/** By their names, which begin with their number. */
export type SchemaChanges = Record<string, SchemaChange>

export interface ChangeState {
  name: string
  /** Epoch milliseconds; `undefined` for one that waits. */
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

/** Of PostgreSQL's advisory lock that whoever changes the tables holds: for ever this number, whatever the release. */
const lockId = sql.lit(3853314791062309107n)

/** Which changes are in the database, which wait, and which are of a newer release; ordered by name. Only reads. */
export async function readChanges(db: Database, changes: SchemaChanges): Promise<ChangeState[]> {
  const applied = new Map<string, { at: number; isBreaking: boolean }>()
  if (await hasSchemaChanges(db)) {
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

/** Whether nobody else can change the tables until the transaction ends, which on SQLite is the lock itself. */
export async function isTurn(db: Database): Promise<boolean> {
  if (engineOf(db) === 'sqlite') return true
  const { rows } = await sql<{ ours: boolean }>`
    select pg_try_advisory_xact_lock(${lockId}) as ours`.execute(db)
  return rows[0]?.ours === true
}

/**
 * Makes every change that is missing, in a transaction of the caller's: of several that come at once, one does it
 * and the others wait. Returns the names of those it made. Leaves alone what a newer release has added, and throws
 * `SchemaTooNew` where that is breaking.
 */
export async function applyChanges(db: Database, changes: SchemaChanges, now: number): Promise<string[]> {
  // On SQLite the transaction itself is the lock.
  if (engineOf(db) === 'postgres') await sql`select pg_advisory_xact_lock(${lockId})`.execute(db)
  const states = await readChanges(db, changes)
  const obstacle = states.find((state) => state.isBreaking && !state.isKnown)
  if (obstacle) throw new SchemaTooNew(obstacle.name)

  const missing = states.filter(({ appliedAt }) => appliedAt === undefined)
  // Not before: a role that may not create tables can serve on a database that another has migrated.
  if (missing.length > 0)
    await sql`create table if not exists "schema_changes" ("name" text primary key not null,
      "applied_at" bigint not null, "is_breaking" bigint not null)`.execute(db)
  for (const { name, isBreaking } of missing) {
    await changes[name]?.up(db as Kysely<unknown>)
    await sql`insert into schema_changes (name, applied_at, is_breaking)
      values (${name}, ${now}, ${isBreaking ? 1 : 0})`.execute(db)
  }
  return missing.map(({ name }) => name)
}

async function hasSchemaChanges(db: Database): Promise<boolean> {
  const { rows } =
    engineOf(db) === 'sqlite'
      ? await sql`select 1 from sqlite_schema where type = 'table' and name = 'schema_changes'`.execute(db)
      : await sql`select 1 where to_regclass('schema_changes') is not null`.execute(db)
  return rows.length > 0
}
