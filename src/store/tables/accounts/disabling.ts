import type { AccountRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { updateAccount } from './update.ts'

/** Accounts of one realm that are shut, some of them for a time. */
export function accountDisabling(db: Database, realm: string) {
  const update = (id: string) => updateAccount(db, realm, id)
  const over = (now: number) =>
    db
      .selectFrom('accounts')
      .select('id')
      .where('disabled_until', '<=', now)
      .where('realm', '=', realm)
      .orderBy('disabled_until')

  return {
    /**
     * Shuts an account until a time (`null`: until somebody opens it), also one that was shut for another time. `undefined`
     * when it was shut like that already.
     */
    disable: (id: string, now: number, until: number | null = null): Promise<AccountRow | undefined> =>
      update(id)
        .set((eb) => ({
          disabled_at: eb.fn.coalesce('disabled_at', eb.val(now)),
          disabled_until: until,
          updated_at: now,
        }))
        .where((eb) =>
          eb.or([eb('disabled_at', 'is', null), eb('disabled_until', 'is distinct from', until)]),
        )
        .executeTakeFirst(),

    /** Opens it again; `undefined` when it was open. */
    enable: (id: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ disabled_at: null, disabled_until: null, updated_at: now })
        .where('disabled_at', 'is not', null)
        .executeTakeFirst(),

    /** Whether the time of one is over: a look that locks nothing. */
    isEnablingDue: async (now: number): Promise<boolean> =>
      (await over(now).limit(1).executeTakeFirst()) !== undefined,

    /** Opens some whose time is over; of two nodes one opens each. */
    enableDue: (now: number, max: number): Promise<{ id: string }[]> =>
      db
        .updateTable('accounts')
        .set({ disabled_at: null, disabled_until: null, updated_at: now })
        .where('id', 'in', over(now).limit(max))
        // Again, of the row as it is once its lock is had: PostgreSQL does not run the inner query anew.
        .where('disabled_until', '<=', now)
        .returning('id')
        .execute(),
  }
}
