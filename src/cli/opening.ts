import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { Limiter } from '../core/context.ts'
import { readKeyRing } from '../core/keys/key-ring.ts'
import type { Secrets } from '../core/keys/secrets.ts'
import { defaultOpening, type Opening } from '../server/core.ts'
import { keyFileOf } from '../server/master-key-file.ts'
import { connectDatabase, migrateInTurn, readSchemaState } from '../store/database.ts'
import type { ChangeState } from '../store/migrations/migrate.ts'
import { limitPath } from '../store/sqlite/limit-file.ts'
import { retainedKeys } from '../store/tables/retained-keys.ts'
import type { Database, DatabaseListeners, DatabaseLocation } from '../store/types.ts'
import { refuseMissing } from './database/missing.ts'
import { CommandError } from './failure.ts'

/** Throws `CommandError` where there is no database file, or no master key, which only a server makes. */
export function refuseToBegin({ database, masterKey, ...config }: Config): void {
  refuseMissing(database)
  const keyFile = keyFileOf(config)
  if (!masterKey && !existsSync(keyFile))
    throw new CommandError(`there is no master key at ${keyFile}, and none is set: MANYDOORS_SECRET`)
}

/** What a command does with the database. */
export type Access = 'read' | 'change'

/** What each kind of command opens a core with. */
export const openings: Record<Access, Opening> = {
  /** Nothing is made, not even what a server would make. */
  read: {
    database: (location, _now, listeners) => openFilled(location, listeners, refuseOlder),
    // What will be needed of a previous master key is kept by a server.
    retainedKeys: (db) => ({ ...retainedKeys(db), add: async () => {} }),
    keys: readKeyRing,
    limits: readLimits,
    hasher: checksNoPassword,
    decoys: checksNoPassword,
  },
  /** The tables may be brought to this release's form; no first ones are made. */
  change: {
    ...defaultOpening,
    hasher: checksNoPassword,
    decoys: checksNoPassword,
    database: (location, now, { onWait, stopping, ...listeners } = {}) =>
      openFilled(location, listeners, (db) => migrateInTurn(db, location.engine, { now, onWait, stopping })),
  },
}

/** Counts nothing. The counts are opened when they are asked for, as most commands do not, and if there are any. */
function readLimits(config: Config, db: Database, secrets: Secrets): ReturnType<Opening['limits']> {
  let opened: ReturnType<Opening['limits']> | undefined
  const { database } = config
  return {
    counts: {
      ...countsNothing,
      read: async (uses) => {
        if (database.engine === 'sqlite' && !existsSync(limitPath(database.path))) return []
        opened ??= defaultOpening.limits(config, db, secrets)
        return opened.counts.read(uses)
      },
    },
    close: () => opened?.close(),
  }
}

async function checksNoPassword(): Promise<void> {}

const countsNothing: Limiter = {
  consume: async () => {},
  refund: async () => {},
  reset: async () => {},
  clear: async () => {},
  read: async () => [],
}

/** Opens a database that has tables of ours, and goes on with those. Throws `CommandError` for one that has none. */
async function openFilled(
  location: DatabaseLocation,
  listeners: DatabaseListeners | undefined,
  goOn: (db: Database, states: ChangeState[]) => Promise<unknown>,
): Promise<Database> {
  const db = connectDatabase(location, listeners)
  try {
    const states = await readSchemaState(db, location.engine)
    if (states.every(isPending))
      throw new CommandError(
        'the database has no tables of Manydoors: `manydoors migrate`, or a start of the server, makes them',
      )
    await goOn(db, states)
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}

async function refuseOlder(_db: Database, states: ChangeState[]): Promise<void> {
  if (states.some(isPending))
    throw new CommandError(
      'the database is of an older release: `manydoors migrate`, or a start of the server, brings it to this one',
    )
}

function isPending({ appliedAt }: ChangeState): boolean {
  return appliedAt === undefined
}
