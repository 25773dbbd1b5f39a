import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Through which door an account was opened, and through which one alone its e-mail address counts as valid. */
export const addressProofs: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('accounts').addColumn('signed_up_through', 'text').execute()
    await db.schema.alterTable('accounts').addColumn('email_seen_through', 'text').execute()
  },
}
