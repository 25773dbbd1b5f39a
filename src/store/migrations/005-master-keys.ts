import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Under which master key something was sealed or derived, so that the key can be changed; `null` where a release
 * before this one has written the row. And derived keys that outlive their master key.
 */
export const masterKeys: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('signing_keys').addColumn('sealed_under', 'text').execute()
    await db.schema.alterTable('totp').addColumn('sealed_under', 'text').execute()
    await db.schema.createIndex('totp_sealed').on('totp').columns(['sealed_under', 'account_id']).execute()
    await db.schema.alterTable('recovery_codes').addColumn('hashed_under', 'text').execute()
    await db.schema.alterTable('sessions').addColumn('refresh_key', 'text').execute()
    await db.schema
      .createTable('lasting_keys')
      .addColumn('id', 'text', (c) => c.primaryKey().notNull())
      .addColumn('keys_sealed', 'text', (c) => c.notNull())
      .addColumn('sealed_under', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
  },
}
