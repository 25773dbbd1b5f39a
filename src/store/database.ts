import { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { core } from './migrations/001-core.ts'
import { secondFactors } from './migrations/002-second-factors.ts'
import { limits } from './migrations/003-limits.ts'
import { postgresDialect } from './postgres.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite.ts'

export type Engine = 'sqlite' | 'postgres'

/** Where the database is: `{ engine: 'sqlite', path }` or `{ engine: 'postgres', url }`. */
export type DatabaseLocation = { engine: 'sqlite'; path: string } | { engine: 'postgres'; url: string }

export type Database = Kysely<Schema>

/** Opens the database and brings its tables to this release's form. Throws what the engine says when that fails. */
export async function openDatabase(location: DatabaseLocation): Promise<Database> {
  const db = new Kysely<Schema>({
    dialect: location.engine === 'sqlite' ? sqliteDialect(location.path) : postgresDialect(location.url),
  })
  await migrate(db, location.engine)
  return db
}

/** Runs every migration that has not run, under the engine's lock and in one transaction. */
async function migrate(db: Database, engine: Engine): Promise<void> {
  const migrations = {
    '001-core': core(engine),
    '002-second-factors': secondFactors,
    ...(engine === 'postgres' && { '003-limits': limits }),
  }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
