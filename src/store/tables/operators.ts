import { engineOf } from '../engine-of.ts'
import { literal } from '../literal.ts'
import type { OperatorRow } from '../schema.ts'
import type { Database } from '../types.ts'

/** An operator, with what their account says. */
export interface OperatorOfAccount extends OperatorRow {
  email: string | null
  disabled_at: number | null
  last_sign_in_at: number | null
}

/** Those who run this server, in the realm that is theirs. */
export function operators(db: Database, realm: string) {
  const all = () =>
    db
      .selectFrom('operators')
      .innerJoin('accounts', 'accounts.id', 'operators.account_id')
      .selectAll('operators')
      .select(['accounts.email', 'accounts.disabled_at', 'accounts.last_sign_in_at'])
      .where('operators.realm', '=', realm)
  /** Those who can sign in. */
  const owners = () => all().where('operators.role', '=', 'owner').where('accounts.disabled_at', 'is', null)

  return {
    byAccount: (accountId: string): Promise<OperatorOfAccount | undefined> =>
      all().where('operators.account_id', '=', accountId).executeTakeFirst(),

    /** In the order in which they came. */
    list: (): Promise<OperatorOfAccount[]> =>
      all().orderBy('operators.created_at').orderBy('operators.account_id').execute(),

    /** Whether there is an owner of all realms who can sign in. */
    hasOwner: async (): Promise<boolean> => {
      const owner = await owners().where('operators.realms', 'is', null).limit(literal(1)).executeTakeFirst()
      return owner !== undefined
    },

    /**
     * The accounts of the owners who can sign in, and whether they are held to some realms. Their rows stay locked until the
     * transaction ends, so that of two who take the role from each other at once one comes too late.
     */
    lockOwners: async (): Promise<{ accountId: string; isHeld: boolean }[]> => {
      const locked = owners().orderBy('operators.account_id')
      // On SQLite a transaction that writes is alone.
      const rows = await (engineOf(db) === 'postgres' ? locked.forUpdate() : locked).execute()
      return rows.map(({ account_id: accountId, realms }) => ({ accountId, isHeld: realms !== null }))
    },

    /** Adds an operator; one who is there gets the name and keeps everything else. */
    put: async (operator: Omit<OperatorRow, 'realm'>): Promise<void> => {
      await db
        .insertInto('operators')
        .values({ ...operator, realm })
        .onConflict((conflict) =>
          conflict.columns(['realm', 'account_id']).doUpdateSet({ name: operator.name }),
        )
        .execute()
    },

    /** `undefined` where there is no such operator. */
    update: (
      accountId: string,
      change: Partial<Pick<OperatorRow, 'name' | 'role' | 'realms'>>,
    ): Promise<OperatorRow | undefined> =>
      db
        .updateTable('operators')
        .set(change)
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .returningAll()
        .executeTakeFirst(),
  }
}
