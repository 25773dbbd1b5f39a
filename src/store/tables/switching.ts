import { type SqlBool, sql } from 'kysely'
import type { Database } from '../types.ts'
import { countUpdated, lastOfNext } from './rows.ts'

/** Accounts whose passwords are kept in one way and whose owners were last seen in one span of time. */
export interface PasswordStateCount {
  /** Of an imported hash. */
  kind: string | null
  /** The dialect whose old server knows the password. */
  pending: string | null
  /** 1 for yes, both of them. */
  has_hash: number
  is_disabled: number
  /** In how many of the spans they were seen: 0 is longer ago than all of them, or never. */
  seen_in: number
  accounts: number
}

/** What switching needs of the accounts of one realm as a whole. */
export function switching(db: Database, realm: string) {
  return {
    /**
     * Counts those among the next `max` accounts of all realms behind that id, by how their passwords are kept and by how
     * many of the times of `since` their owners were seen after. `last` is `undefined` when there are no more.
     */
    countStates: async ({
      after,
      max,
      since,
    }: {
      after: string
      max: number
      since: number[]
    }): Promise<{ counts: PasswordStateCount[]; last?: string }> => {
      const last = await lastOfNext(db, 'accounts', { after, max })
      if (last === undefined) return { counts: [] }
      const spans = since.map((time) => sql`case when last_sign_in_at >= ${time} then 1 else 0 end`)
      // Not a condition on `realm` beside the others, for which SQLite would read all accounts of the realm.
      const { rows } = await sql<PasswordStateCount>`select kind, pending, has_hash, is_disabled, seen_in,
          count(*) as accounts
        from (select realm, password_kind as kind, password_pending as pending,
            case when password_hash is null then 0 else 1 end as has_hash,
            case when disabled_at is null then 0 else 1 end as is_disabled,
            ${sql.join(spans, sql` + `)} as seen_in
          from accounts where id > ${after} and id <= ${last}) as next
        where realm = ${realm}
        group by kind, pending, has_hash, is_disabled, seen_in`.execute(db)
      return { counts: rows.map((row) => ({ ...row, accounts: Number(row.accounts) })), last }
    },

    /**
     * Has up to `max` accounts wait for that dialect's old server no longer, and says how many these were. Whoever has
     * signed in meanwhile, or set a password, waits for it no longer either.
     */
    endPending: (dialect: string, now: number, max: number): Promise<number> => {
      const isPending = sql<SqlBool>`realm = ${realm} and password_pending = ${dialect}`
      const some = db.selectFrom('accounts').select('id').where(isPending).orderBy('id').limit(max)
      return countUpdated(
        db
          .updateTable('accounts')
          .set({ password_pending: null, updated_at: now })
          .where(isPending)
          .where('id', 'in', some),
      )
    },
  }
}
