import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Second factors, and the counts that bound the guessing of short codes. */
export const secondFactors: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('totp')
      .addColumn('realm', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) =>
        c.primaryKey().notNull().references('accounts.id').onDelete('cascade'),
      )
      .addColumn('secret_sealed', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('confirmed_at', 'bigint')
      .addColumn('last_step', 'bigint')
      .execute()

    await db.schema
      .createTable('recovery_codes')
      .addColumn('realm', 'text', (c) => c.notNull())
      .addColumn('account_id', 'text', (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('hash', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('consumed_at', 'bigint')
      .addPrimaryKeyConstraint('recovery_codes_hash', ['account_id', 'hash'])
      .execute()

    await db.schema
      .createTable('guess_counts')
      .addColumn('realm', 'text', (c) => c.notNull())
      .addColumn('dialect', 'text', (c) => c.notNull())
      .addColumn('client_id', 'text', (c) => c.notNull())
      .addColumn('failures', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('guess_counts_client', ['realm', 'dialect', 'client_id'])
      .execute()
    await db.schema.alterTable('tickets').addColumn('guess_limit', 'bigint').execute()
  },
}
