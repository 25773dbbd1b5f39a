import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What it takes to say who acted, to erase a person, to prune without reading whole tables, and clients' secrets. */
export const lifetimes: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('audit').addColumn('actor', 'text').execute()
    await db.schema.alterTable('audit').addColumn('subject', 'text').execute()
    await db.schema
      .createIndex('audit_subject')
      .on('audit')
      .column('subject')
      .where(sql.ref('subject'), 'is not', null)
      .execute()

    await db.schema.alterTable('clients').addColumn('secret_hash', 'text').execute()
    await db.schema.alterTable('clients').addColumn('secret_set_at', 'bigint').execute()

    await db.schema.createIndex('tickets_expires').on('tickets').column('expires_at').execute()
    for (const end of ['done_at', 'dead_at']) {
      await db.schema
        .createIndex(`jobs_${end}`)
        .on('jobs')
        .column(end)
        .where(sql.ref(end), 'is not', null)
        .execute()
    }
    await db.schema
      .createIndex('totp_pending')
      .on('totp')
      .column('created_at')
      .where(sql.ref('confirmed_at'), 'is', null)
      .execute()
  },
}
