import { setTimeout as pause } from 'node:timers/promises'
import { Kysely } from 'kysely'
import { core } from './migrations/001-core.ts'
import { imports } from './migrations/002-imports.ts'
import { knownAddresses } from './migrations/003-known-addresses.ts'
import { oldTokens } from './migrations/004-old-tokens.ts'
import { people } from './migrations/005-people.ts'
import { openid } from './migrations/006-openid.ts'
import { operators } from './migrations/007-operators.ts'
import { webhooks } from './migrations/008-webhooks.ts'
import { consoleLists } from './migrations/009-console-lists.ts'
import { operations } from './migrations/010-operations.ts'
import { settings } from './migrations/011-settings.ts'
import { hookClaims } from './migrations/012-hook-claims.ts'
import { adminRequests } from './migrations/013-admin-requests.ts'
import { roomForRefreshes } from './migrations/014-room-for-refreshes.ts'
import { factorsAndBans } from './migrations/015-factors-and-bans.ts'
import {
  applyChanges,
  type ChangeState,
  isTurn,
  readChanges,
  type SchemaChanges,
} from './migrations/migrate.ts'
import { postgresDialect } from './postgres/driver.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite/driver.ts'
import type { Database, DatabaseListeners, DatabaseLocation, Engine } from './types.ts'

/** Between two looks whether another process is done with the tables. */
const retryIntervalMs = 250
/** Looks in vain before the wait is reported: most changes take less than a second. */
const reportedAttempt = 4

/** Opens the database as it is. Asks nothing of it yet. */
export function connectDatabase(location: DatabaseLocation, listeners: DatabaseListeners = {}): Database {
  const dialect =
    location.engine === 'postgres'
      ? postgresDialect(location, listeners)
      : sqliteDialect(location.path, listeners.observer)
  return new Kysely<Schema>({ dialect })
}

/** What a start takes into account while another process changes the tables. */
export interface Waiting {
  /** Is called once when it takes a second or more. */
  onWait?(): void
  /** Ends the waiting. */
  stopping?: AbortSignal
}

/**
 * Opens the database and brings its tables to this release's form; `now` in epoch milliseconds. Throws `SchemaTooNew`,
 * what the engine says when that fails, and an `AbortError` when it is to stop while it waits for another process.
 */
export async function openDatabase(
  location: DatabaseLocation,
  now: number,
  { onWait, stopping, ...listeners }: DatabaseListeners & Waiting = {},
): Promise<Database> {
  const db = connectDatabase(location, listeners)
  try {
    await migrateInTurn(db, location.engine, { now, onWait, stopping })
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}

/** Makes the changes that are missing once no other process makes any, and returns their names. */
export async function migrateInTurn(
  db: Database,
  engine: Engine,
  { now, onWait, stopping }: Waiting & { now: number },
): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const applied = await db
      .transaction()
      .execute(async (db) => ((await isTurn(db)) ? migrate(db, engine, now) : undefined))
    if (applied) return applied
    if (attempt === reportedAttempt) onWait?.()
    await pause(retryIntervalMs, undefined, { signal: stopping })
  }
}

/** Makes the changes that are missing, in a transaction of the caller's, and returns their names. */
export function migrate(db: Database, engine: Engine, now: number): Promise<string[]> {
  return applyChanges(db, changesOf(engine), now)
}

/** The changes that are in the database, wait, or are of a newer release. Only reads. */
export function readSchemaState(db: Database, engine: Engine): Promise<ChangeState[]> {
  return readChanges(db, changesOf(engine))
}

/** The names of the changes that this release has. */
export function changeNames(engine: Engine): string[] {
  return Object.keys(changesOf(engine))
}

/** Every change of the tables, by name; a name is for ever. */
function changesOf(engine: Engine): SchemaChanges {
  return {
    '001-core': core(engine),
    '002-imports': imports,
    '003-known-addresses': knownAddresses,
    '004-old-tokens': oldTokens,
    '005-people': people,
    '006-openid': openid,
    '007-operators': operators,
    '008-webhooks': webhooks,
    '009-console-lists': consoleLists(engine),
    '010-operations': operations,
    '011-settings': settings,
    '012-hook-claims': hookClaims,
    '013-admin-requests': adminRequests,
    '014-room-for-refreshes': roomForRefreshes(engine),
    '015-factors-and-bans': factorsAndBans(engine),
  }
}
