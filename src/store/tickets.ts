import type { Database } from './database.ts'
import type { TicketRow } from './schema.ts'

export type Tickets = ReturnType<typeof tickets>

export type NewTicket = Omit<TicketRow, 'realm' | 'attempts' | 'consumed_at'>

/** Short-lived single-use secrets of one realm, known by their hash. */
export function tickets(db: Database, realm: string) {
  return {
    /** Stores a ticket in the place of the one that its subject had: the newest wins. */
    put: async (ticket: NewTicket): Promise<void> => {
      const fresh = { ...ticket, attempts: 0, consumed_at: null }
      await db
        .insertInto('tickets')
        .values({ ...fresh, realm })
        .onConflict((conflict) => conflict.columns(['realm', 'kind', 'subject']).doUpdateSet(fresh))
        .execute()
    },

    /** A ticket that has not expired, whether it was consumed or not. */
    find: (kind: string, hash: string, now: number): Promise<TicketRow | undefined> =>
      db
        .selectFrom('tickets')
        .selectAll()
        .where('realm', '=', realm)
        .where('kind', '=', kind)
        .where('hash', '=', hash)
        .where('expires_at', '>', now)
        .executeTakeFirst(),

    /** Uses a ticket up. Of any number of callers one gets it, the others `undefined`. */
    consume: (kind: string, hash: string, now: number): Promise<TicketRow | undefined> =>
      db
        .updateTable('tickets')
        .set({ consumed_at: now })
        .where('realm', '=', realm)
        .where('kind', '=', kind)
        .where('hash', '=', hash)
        .where('consumed_at', 'is', null)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst(),

    /** Uses up every ticket of these kinds that an account has. */
    consumeAll: async (accountId: string, kinds: string[], now: number): Promise<void> => {
      await db
        .updateTable('tickets')
        .set({ consumed_at: now })
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .where('kind', 'in', kinds)
        .where('consumed_at', 'is', null)
        .execute()
    },
  }
}
