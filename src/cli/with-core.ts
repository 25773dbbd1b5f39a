import type { Config } from '../config/config.ts'
import { readConfig } from '../config/read-config.ts'
import type { RealmContext } from '../core/context.ts'
import { type Core, openCore } from '../server/core.ts'
import { createLog } from '../server/log.ts'
import { connectDatabase } from '../store/database.ts'
import type { Database, DatabaseLocation, Engine } from '../store/types.ts'
import type { CliCommand } from './cli-command.ts'
import { CommandError } from './failure.ts'
import { type Access, openings, refuseToBegin } from './opening.ts'

/** The options that every command has. */
export interface GlobalOptions {
  config?: string
  json?: boolean
}

/**
 * Runs a command's work on the core, with the doors closed: what it queues, the running servers send. Throws
 * `CommandError` where no server has made a database yet, and to read also where it is of an older release.
 */
export async function withCore<T>(
  command: CliCommand,
  access: Access,
  work: (core: Core) => Promise<T>,
): Promise<T> {
  const config = readConfigFor(command)
  refuseToBegin(config)
  const { stderr, now, argon2 } = command.outside
  const log = createLog(config, stderr, { now })
  const opening = openings[access]
  const core = await openCore(config, { now, log, argon2, wakeWorker: () => {}, opening })
  try {
    return await work(core)
  } finally {
    await core.close()
  }
}

/** Runs a command's work on the database as it is, whatever form its tables have. */
export async function withDatabase<T>(
  database: DatabaseLocation,
  work: (db: Database, engine: Engine) => Promise<T>,
): Promise<T> {
  const db = connectDatabase(database)
  try {
    return await work(db, database.engine)
  } finally {
    await db.destroy()
  }
}

/** The realm of that name. Throws `CommandError` when there is none. */
export function realmNamed(core: Core, name: string): RealmContext {
  const realm = core.realms.get(name)
  if (!realm) throw new CommandError(`there is no realm ${name}: ${[...core.realms.keys()].join(', ')}`)
  return realm
}

/** The configuration that a command's options and the environment name. */
export function readConfigFor(command: CliCommand): Config {
  const { config } = command.optsWithGlobals<GlobalOptions>()
  return readConfig(command.outside.env, config)
}
