import { sql } from 'kysely'
import { literal } from '../../literal.ts'
import type { AuditRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { lowestIdAt, timeOfId } from '../time-ordered-ids.ts'

/** Rows that are looked at for those of one door, at most: the others may be those of a flood at another one. */
const maxLookedAt = 5_000

/** What was refused in one realm, by the index on refused rows. */
export function auditRefusals(db: Database, realm: string) {
  const refused = (since: number) =>
    db
      .selectFrom('audit')
      .where('realm', '=', realm)
      // As a parameter it would not be seen to be what the index is of.
      .where('outcome', '=', sql<string>`'refused'`)
      .where('ip', 'is not', null)
      .where('id', '>=', lowestIdAt(since))
      .orderBy('id', 'desc')

  return {
    /** Up to `max` of the newest rows about what a door has refused since that time, newest first. */
    newestRefusedAt: (dialect: string, { since, max }: { since: number; max: number }): Promise<AuditRow[]> =>
      db
        .selectFrom(refused(since).selectAll().limit(literal(maxLookedAt)).as('newest'))
        .selectAll()
        .where('dialect', '=', dialect)
        .orderBy('id', 'desc')
        .limit(literal(max))
        .execute(),

    /**
     * The addresses with the most refusals since that time, in epoch milliseconds, the most first; of the newest `maxRows`.
     * The index has all that is read.
     */
    mostRefused: async ({
      since,
      maxRows,
      max,
    }: {
      since: number
      maxRows: number
      max: number
    }): Promise<{ ip: string; refusals: number; lastAt: number }[]> => {
      const rows = await db
        .selectFrom(refused(since).select(['id', 'ip']).limit(literal(maxRows)).as('newest'))
        .select((eb) => ['ip', eb.fn.countAll().as('refusals'), eb.fn.max('id').as('last')])
        .groupBy('ip')
        .orderBy('refusals', 'desc')
        .orderBy('last', 'desc')
        .limit(literal(max))
        .execute()
      return rows.map(({ ip, refusals, last }) => ({
        ip: ip ?? '',
        refusals: Number(refusals),
        lastAt: timeOfId(last),
      }))
    },
  }
}
