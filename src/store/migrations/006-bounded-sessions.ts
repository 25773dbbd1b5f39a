import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What keeps work with an account's sessions small however many have ended: an index of those that have not, and what
 * their user agents were read as; `null` where a release before this one has written the row.
 */
export const boundedSessions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('sessions').addColumn('device', 'text').execute()
    await db.schema
      .createIndex('sessions_unended')
      .on('sessions')
      // Nothing that a refresh changes, so that it writes no index.
      .columns(['account_id', 'dialect', 'created_at', 'id'])
      .where(sql.ref('ended_at'), 'is', null)
      .execute()
  },
}
