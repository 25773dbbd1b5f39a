import { type Dialect, Kysely } from 'kysely'
import { runDirectly } from './compiled.ts'
import { applyChanges, type ChangeState, readChanges, type SchemaChanges } from './migrate.ts'
import { core } from './migrations/001-core.ts'
import { secondFactors } from './migrations/002-second-factors.ts'
import { limits } from './migrations/003-limits.ts'
import { lifetimes } from './migrations/004-lifetimes.ts'
import { masterKeys } from './migrations/005-master-keys.ts'
import { boundedSessions } from './migrations/006-bounded-sessions.ts'
import { addressProofs } from './migrations/007-address-proofs.ts'
import { foldedUsernames } from './migrations/008-folded-usernames.ts'
import { type DatabaseObserver, observedDialect, observedRun } from './observed.ts'
import { postgresDialect } from './postgres.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite.ts'

export type Engine = 'sqlite' | 'postgres'

/** Where the database is: `{ engine: 'sqlite', path }` or `{ engine: 'postgres', url }`. */
export type DatabaseLocation = { engine: 'sqlite'; path: string } | { engine: 'postgres'; url: string }

export type Database = Kysely<Schema>

/** Opens the database as it is. Asks nothing of it yet. The observer is told of every statement. */
export function connectDatabase(location: DatabaseLocation, observer?: DatabaseObserver): Database {
  const open = (dialect: Dialect) =>
    new Kysely<Schema>({ dialect: observer ? observedDialect(dialect, observer.statement) : dialect })
  if (location.engine === 'postgres') return open(postgresDialect(location.url, observer?.pool))
  const { dialect, run } = sqliteDialect(location.path)
  const db = open(dialect)
  runDirectly(db, observer ? observedRun(run, observer.statement) : run)
  return db
}

/**
 * Opens the database and brings its tables to this release's form; `now` in epoch milliseconds. Throws `SchemaTooNew`
 * and what the engine says when that fails.
 */
export async function openDatabase(
  location: DatabaseLocation,
  now: number,
  observer?: DatabaseObserver,
): Promise<Database> {
  const db = connectDatabase(location, observer)
  try {
    await db.transaction().execute((db) => migrate(db, location.engine, now))
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}

/** Makes the changes that are missing, in a transaction of the caller's, and returns their names. */
export function migrate(db: Database, engine: Engine, now: number): Promise<string[]> {
  return applyChanges(db as Kysely<unknown>, engine, changesOf(engine), now)
}

/** The changes that are in the database, wait, or are of a newer release. Only reads. */
export function readSchemaState(db: Database, engine: Engine): Promise<ChangeState[]> {
  return readChanges(db as Kysely<unknown>, engine, changesOf(engine))
}

/** The names of the changes that this release has. */
export function changeNames(engine: Engine): string[] {
  return Object.keys(changesOf(engine))
}

/** Every change of the tables, by name; a name is for ever. */
function changesOf(engine: Engine): SchemaChanges {
  return {
    '001-core': core(engine),
    '002-second-factors': secondFactors,
    ...(engine === 'postgres' && { '003-limits': limits }),
    '004-lifetimes': lifetimes,
    '005-master-keys': masterKeys,
    '006-bounded-sessions': boundedSessions,
    '007-address-proofs': addressProofs,
    '008-folded-usernames': foldedUsernames,
  }
}
