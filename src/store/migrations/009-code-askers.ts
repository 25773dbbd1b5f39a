import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** From where a code by SMS was asked for, and the guesses that came from there; `null` where a former release made it. */
export const codeAskers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('tickets').addColumn('asked_from', 'text').execute()
    await db.schema
      .alterTable('tickets')
      .addColumn('asker_attempts', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute()
    await db.schema
      .createIndex('tickets_asked_from')
      .on('tickets')
      .column('asked_from')
      .where(sql.ref('asked_from'), 'is not', null)
      .execute()
  },
}
