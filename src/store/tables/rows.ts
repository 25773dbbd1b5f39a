import type { DeleteResult, UpdateResult } from 'kysely'
import type { Database } from '../types.ts'

/** Runs an update that returns nothing, and says how many rows it has changed. */
export async function countUpdated(query: { executeTakeFirst(): Promise<UpdateResult> }): Promise<number> {
  return Number((await query.executeTakeFirst()).numUpdatedRows)
}

/** Runs a delete that returns nothing, and says how many rows it has removed. */
export async function countDeleted(query: { executeTakeFirst(): Promise<DeleteResult> }): Promise<number> {
  return Number((await query.executeTakeFirst()).numDeletedRows)
}

/** The last of the next `max` ids behind that one, in all realms; `undefined` when there are no more. */
export async function lastOfNext(
  db: Database,
  table: 'accounts' | 'sessions' | 'audit',
  { after, max }: { after: string; max: number },
): Promise<string | undefined> {
  const next = db.selectFrom(table).select('id').where('id', '>', after).orderBy('id').limit(max)
  const page = await db
    .selectFrom(next.as('next'))
    .select((eb) => eb.fn.max('id').as('last'))
    .executeTakeFirst()
  return page?.last ?? undefined
}
