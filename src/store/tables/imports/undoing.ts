import { sql } from 'kysely'
import type { Database } from '../../types.ts'
import { givenRows } from './given-rows.ts'

/** An account that a run has created, and what has become of it since. */
export interface CreatedAccount {
  id: string
  /** 1 for yes, each of them. */
  has_signed_in: number
  has_session: number
  is_changed: number
  is_linked_elsewhere: number
}

/** What undoing a run needs of the accounts of one realm. */
export function undoing(db: Database, realm: string) {
  return {
    /** The next `max` accounts behind that id that a run has created and that are there. */
    createdBy: async (
      runId: string,
      { after, max }: { after: string; max: number },
    ): Promise<CreatedAccount[]> => {
      const is = (condition: ReturnType<typeof sql>) => sql`case when ${condition} then 1 else 0 end`
      const { rows } = await sql<CreatedAccount>`select a.id,
          ${is(sql`a.last_sign_in_at >= l.linked_at`)} as has_signed_in,
          ${is(sql`exists (select 1 from sessions s where s.account_id = a.id)`)} as has_session,
          ${is(sql`a.updated_at <> l.linked_at`)} as is_changed,
          ${is(sql`exists (select 1 from legacy_links o where o.account_id = a.id
            and (o.run_id is null or o.run_id <> ${runId}))`)} as is_linked_elsewhere
        from legacy_links l join accounts a on a.id = l.account_id
        where l.run_id = ${runId} and l.realm = ${realm} and l.created_account = 1 and l.account_id > ${after}
        order by l.account_id limit ${max}`.execute(db)
      return rows
    },

    /** Removes those of these accounts that nobody has used since the run has created them, and returns their ids. */
    remove: async (runId: string, ids: string[]): Promise<string[]> => {
      const { rows } = await sql<{ id: string }>`delete from accounts where realm = ${realm}
        and id in (select given.id from ${givenRows(
          db,
          { id: 'text' },
          ids.map((id) => ({ id })),
        )})
        and exists (select 1 from legacy_links l where l.account_id = accounts.id and l.run_id = ${runId}
          and l.created_account = 1 and accounts.updated_at = l.linked_at
          and (accounts.last_sign_in_at is null or accounts.last_sign_in_at < l.linked_at))
        and not exists (select 1 from legacy_links o where o.account_id = accounts.id
          and (o.run_id is null or o.run_id <> ${runId}))
        and not exists (select 1 from sessions s where s.account_id = accounts.id)
        returning id`.execute(db)
      return rows.map(({ id }) => id)
    },

    /** Has the trail know accounts that are gone by a pseudonym alone. */
    pseudonymize: async (ids: string[], pseudonym: string): Promise<void> => {
      await sql`update audit set account_id = ${pseudonym}, session_id = null, ip = null, subject = null
        where realm = ${realm} and account_id in (select given.id from ${givenRows(
          db,
          { id: 'text' },
          ids.map((id) => ({ id })),
        )})`.execute(db)
    },
  }
}
