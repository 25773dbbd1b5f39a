import type { BlockRow } from '../../schema.ts'
import type { Database } from '../../types.ts'

/** The blocks of all realms that are in force; `now` in epoch milliseconds. */
export function blocksInForce(db: Database, now: number): Promise<BlockRow[]> {
  return db.selectFrom('blocks').selectAll().where('ends_at', '>', now).execute()
}

/** The addresses that one realm is closed to. */
export function blocks(db: Database, realm: string) {
  return {
    /** Adds a block, or writes over the one of that range. */
    put: async ({ range, ...block }: Omit<BlockRow, 'realm'>): Promise<void> => {
      await db
        .insertInto('blocks')
        .values({ realm, range, ...block })
        .onConflict((conflict) => conflict.columns(['realm', 'range']).doUpdateSet(block))
        .execute()
    },

    /** Returns the block that it has removed, if there was one. */
    remove: (range: string): Promise<BlockRow | undefined> =>
      db
        .deleteFrom('blocks')
        .where('realm', '=', realm)
        .where('range', '=', range)
        .returningAll()
        .executeTakeFirst(),

    /** Up to `max` of those in force, the newest first. */
    list: (now: number, max: number): Promise<BlockRow[]> =>
      db
        .selectFrom('blocks')
        .selectAll()
        .where('realm', '=', realm)
        .where('ends_at', '>', now)
        .orderBy('created_at', 'desc')
        .orderBy('range')
        .limit(max)
        .execute(),

    /** How many are in force. */
    count: async (now: number): Promise<number> => {
      const counted = await db
        .selectFrom('blocks')
        .select((eb) => eb.fn.countAll().as('blocks'))
        .where('realm', '=', realm)
        .where('ends_at', '>', now)
        .executeTakeFirstOrThrow()
      return Number(counted.blocks)
    },
  }
}
