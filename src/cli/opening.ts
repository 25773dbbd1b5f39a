import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { Limiter } from '../core/context.ts'
import { readKeyRing } from '../core/keys/key-ring.ts'
import { type Opening, usualOpening } from '../server/core.ts'
import { connectDatabase, openDatabase, readSchemaState } from '../store/database.ts'
import { retainedKeys } from '../store/tables/retained-keys.ts'
import type { DatabaseListeners, DatabaseLocation } from '../store/types.ts'
import { CommandError } from './failure.ts'
import { keyFileOf } from './keys/master-keys.ts'

/** Throws `CommandError` where there is no database file, or no master key, which only a server makes. */
export function refuseToBegin({ database, masterKey, ...config }: Config): void {
  if (database.engine === 'sqlite' && !existsSync(database.path))
    throw new CommandError(`there is no database at ${database.path}`)
  const keyFile = keyFileOf(config)
  if (!masterKey && !existsSync(keyFile))
    throw new CommandError(`there is no master key at ${keyFile}, and none is set: MANYDOORS_SECRET`)
}

/** Of a command that changes something: it may bring the tables to this release's form, and makes no first ones. */
export const openingToChange: Opening = {
  ...usualOpening,
  hasher: checksNoPassword,
  database: async (location, now, listeners) => {
    await (await openFilled(location, listeners)).db.destroy()
    return openDatabase(location, now, listeners)
  },
}

/** Of a command that only reads: nothing is made. */
export const openingToRead: Opening = {
  database: async (location, _now, listeners) => {
    const { db, isCurrent } = await openFilled(location, listeners)
    if (isCurrent) return db
    await db.destroy()
    throw new CommandError(
      'the database is of an older release: `manydoors migrate`, or a start of the server, brings it to this one',
    )
  },
  // What will be needed of a previous master key is kept by a server.
  retainedKeys: (db) => ({ ...retainedKeys(db), add: async () => {} }),
  keys: readKeyRing,
  limits: () => ({ counts: countsNothing, close: () => {} }),
  hasher: checksNoPassword,
}

async function checksNoPassword(): Promise<void> {}

const countsNothing: Limiter = { consume: async () => {}, refund: async () => {}, reset: async () => {} }

/** Opens a database that has tables of ours. Throws `CommandError` for one that has none. */
async function openFilled(location: DatabaseLocation, listeners: DatabaseListeners | undefined) {
  const db = connectDatabase(location, listeners)
  try {
    const states = await readSchemaState(db, location.engine)
    if (states.every(({ appliedAt }) => appliedAt === undefined))
      throw new CommandError(
        'the database has no tables of Manydoors: `manydoors migrate`, or a start of the server, makes them',
      )
    return { db, isCurrent: states.every(({ appliedAt }) => appliedAt !== undefined) }
  } catch (error) {
    await db.destroy()
    throw error
  }
}
