import type { Database } from './database.ts'
import type { ClientRow } from './schema.ts'

export type Clients = ReturnType<typeof clients>

/** The registered clients of one realm. */
export function clients(db: Database, realm: string) {
  return {
    list: (): Promise<ClientRow[]> =>
      db
        .selectFrom('clients')
        .selectAll()
        .where('realm', '=', realm)
        .orderBy('dialect')
        .orderBy('id')
        .execute(),

    /** Writes a declared client over what was stored of it. */
    put: async (client: Omit<ClientRow, 'realm'>): Promise<void> => {
      await db
        .insertInto('clients')
        .values({ ...client, realm })
        .onConflict((conflict) => conflict.columns(['realm', 'dialect', 'id']).doUpdateSet(client))
        .execute()
    },

    /** Removes what an earlier configuration declared and this one does not. */
    removeUndeclared: async (declaredAt: number): Promise<void> => {
      await db
        .deleteFrom('clients')
        .where('realm', '=', realm)
        .where('declared_at', '<', declaredAt)
        .execute()
    },
  }
}
