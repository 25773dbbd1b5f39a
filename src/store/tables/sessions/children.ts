import { sql } from 'kysely'
import type { Database } from '../../types.ts'

/** The dialect of what a browser is signed in by: other sessions hang on these alone. */
const browserDialect = 'account'

/** Whose sessions may have lost the one that they hang on. */
interface Family {
  realm: string
  accountId: string
  dialect: string
  now: number
}

/**
 * Runs `work`, which ends sessions of an account through one dialect, and ends what hangs on those, all or nothing. Where
 * nothing can hang on them it costs nothing.
 */
export function endWithChildren<T>(
  db: Database,
  family: Family,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  if (family.dialect !== browserDialect) return work(db)
  const endBoth = async (db: Database) => {
    const result = await work(db)
    // A statement of its own: on PostgreSQL it sees the children that have come while the first one waited.
    await endOrphans(db, family)
    return result
  }
  return db.isTransaction ? endBoth(db) : db.transaction().execute(endBoth)
}

/** Ends what hangs on sessions of an account that are over. */
async function endOrphans(db: Database, { realm, accountId, now }: Omit<Family, 'dialect'>): Promise<void> {
  await orphans(db, now).where('account_id', '=', accountId).where('realm', '=', realm).execute()
}

/**
 * Begins to end live sessions of which the one that they hang on has ended, has lasted as long as it may, or is gone. A
 * browser that nobody has used for a while is no reason: its apps may be used every day.
 */
export function orphans(db: Database, now: number) {
  const why = sql<string>`coalesce(
    (select parents.ended_why from sessions as parents where parents.id = sessions.parent_id), 'parent_expired')`
  return db
    .updateTable('sessions')
    .set({ ended_at: now, ended_why: why })
    .where('ended_at', 'is', null)
    .where('parent_id', 'is not', null)
    .where(sql<boolean>`not exists (select 1 from sessions as parents where parents.id = sessions.parent_id
      and parents.ended_at is null and parents.absolute_expires_at > ${now})`)
}
