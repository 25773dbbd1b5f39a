import { sql } from 'kysely'
import type { PasskeyRow } from '../schema.ts'
import type { Database } from '../types.ts'

/** The passkeys of one realm. All of them is public: keys that check signatures, and make none. */
export function passkeys(db: Database, realm: string) {
  const own = ({ id, accountId }: { id: string; accountId: string }) => ({ realm, id, account_id: accountId })

  return {
    ...passkeyUses(db, realm),

    byId: (id: string): Promise<PasskeyRow | undefined> =>
      db
        .selectFrom('passkeys')
        .selectAll()
        .where('realm', '=', realm)
        .where('id', '=', id)
        .executeTakeFirst(),

    /** Oldest first. */
    listOf: (accountId: string): Promise<PasskeyRow[]> =>
      db
        .selectFrom('passkeys')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('realm', '=', realm)
        .orderBy('created_at')
        .orderBy('id')
        .execute(),

    /**
     * Adds a passkey to an account that has fewer than `max`; `undefined` when it has as many, or the passkey is there
     * already. Exact in a transaction that holds the account's row.
     */
    add: (passkey: Omit<PasskeyRow, 'realm' | 'last_used_at' | 'suspected_at'>, max: number) => {
      const row = Object.entries({ ...passkey, realm })
      const columns = row.map(([name]) => sql.ref(name))
      // PostgreSQL infers no types in a select.
      const values = row.map(([, value]) =>
        typeof value === 'number' ? sql`cast(${value} as bigint)` : sql`cast(${value} as text)`,
      )
      return sql<{ id: string }>`
        insert into passkeys (${sql.join(columns)})
        select ${sql.join(values)}
        where (select count(*) from passkeys where account_id = ${passkey.account_id} and realm = ${realm}) < ${max}
        on conflict (realm, id) do nothing
        returning id`
        .execute(db)
        .then(({ rows }) => rows[0])
    },

    /** `undefined` when the account has no such passkey. */
    rename: (key: { id: string; accountId: string }, name: string): Promise<PasskeyRow | undefined> =>
      db
        .updateTable('passkeys')
        .set({ name })
        .where((eb) => eb.and(own(key)))
        .returningAll()
        .executeTakeFirst(),

    removeAllOf: async (accountId: string): Promise<void> => {
      await db.deleteFrom('passkeys').where('account_id', '=', accountId).where('realm', '=', realm).execute()
    },

    /** What was removed; `undefined` when the account has no such passkey. */
    remove: (key: { id: string; accountId: string }): Promise<PasskeyRow | undefined> =>
      db
        .deleteFrom('passkeys')
        .where((eb) => eb.and(own(key)))
        .returningAll()
        .executeTakeFirst(),
  }
}

function passkeyUses(db: Database, realm: string) {
  return {
    /**
     * Notes a use with the counter that was signed. Of any number of callers with the same counter one succeeds, unless the
     * authenticator has none; `undefined` when the counter is not above the one before, and when the passkey is gone.
     */
    noteUse: (
      { id, counter, isBackedUp }: { id: string; counter: number; isBackedUp: boolean },
      now: number,
    ): Promise<PasskeyRow | undefined> =>
      db
        .updateTable('passkeys')
        .set({ counter, backed_up: isBackedUp ? 1 : 0, last_used_at: now })
        .where('realm', '=', realm)
        .where('id', '=', id)
        .where((eb) =>
          eb.or([eb('counter', '<', counter), eb.and([eb('counter', '=', 0), eb(eb.val(counter), '=', 0)])]),
        )
        .returningAll()
        .executeTakeFirst(),

    /** Notes that a passkey may have been copied; `undefined` when that was noted after `since` already. */
    suspect: (id: string, { since, now }: { since: number; now: number }): Promise<PasskeyRow | undefined> =>
      db
        .updateTable('passkeys')
        .set({ suspected_at: now })
        .where('realm', '=', realm)
        .where('id', '=', id)
        .where((eb) => eb.or([eb('suspected_at', 'is', null), eb('suspected_at', '<', since)]))
        .returningAll()
        .executeTakeFirst(),
  }
}
