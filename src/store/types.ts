import type { Kysely } from 'kysely'
import type { DatabaseObserver } from './observed.ts'
import type { Schema } from './schema.ts'

export type Engine = 'sqlite' | 'postgres'

/** `urlFile` is the file that the URL was read from, if it was: what is there later is where PostgreSQL is by then. */
export interface PostgresLocation {
  engine: 'postgres'
  url: string
  urlFile?: string
}

/** Where the database is: `{ engine: 'sqlite', path }` or `{ engine: 'postgres', url }`. */
export type DatabaseLocation = { engine: 'sqlite'; path: string } | PostgresLocation

/** Where what an operator should know of the database is written. */
export interface DatabaseLog {
  warn(fields: object, message: string): void
}

/** Who hears of what the database does; nobody has to. */
export interface DatabaseListeners {
  observer?: DatabaseObserver
  log?: DatabaseLog
}

/** The connections to a database, whose queries are typed by its tables. */
export type Database = Kysely<Schema>
