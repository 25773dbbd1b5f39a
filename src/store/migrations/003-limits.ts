import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Counts of attempts, shared by all processes, in the form that rate-limiter-flexible wants; PostgreSQL only.
 * Unlogged: a count is not worth a flush to the disk, and after a crash of the database it may begin anew.
 */
export const limits: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create unlogged table limits (
      key text primary key not null,
      points integer not null,
      expire bigint not null
    )`.execute(db)
    await db.schema.createIndex('limits_expire').on('limits').column('expire').execute()
  },
}
