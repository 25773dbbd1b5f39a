import { orphans } from '../tables/sessions/children.ts'
import type { Database } from '../types.ts'

export interface OrphanRange {
  /** The id of a session that others hang on. */
  after: string
  now: number
  max: number
}

/**
 * Looks at up to `max` sessions that hang on others behind that one, ends those of which it has expired, and returns the
 * last one of these others; `undefined` when there are no more.
 */
export async function endOrphans(
  db: Database,
  { after, now, max }: OrphanRange,
): Promise<string | undefined> {
  const next = db
    .selectFrom('sessions')
    .select('parent_id')
    .where('parent_id', '>', after)
    .orderBy('parent_id')
    .limit(max)
  const page = await db
    .selectFrom(next.as('next'))
    .select((eb) => eb.fn.max('parent_id').as('last'))
    .executeTakeFirst()
  const last = page?.last ?? undefined
  if (last === undefined) return undefined
  await orphans(db, now).where('parent_id', '>', after).where('parent_id', '<=', last).execute()
  return last
}
