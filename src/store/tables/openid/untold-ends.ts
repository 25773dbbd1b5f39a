import type { ExpressionBuilder } from 'kysely'
import { engineOf } from '../../engine-of.ts'
import { literal } from '../../literal.ts'
import type { Schema, SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'

/** Sessions that have ended, and whose clients have not been told yet. A literal, as the index is of such rows alone. */
const isUntold = (eb: ExpressionBuilder<Schema, 'sessions'>) =>
  eb.and([eb('tell_end', '=', literal(1)), eb('ended_at', 'is not', null)])

/** Which ends of sessions of one realm their clients are to be told of. */
export function untoldEnds(db: Database, realm: string) {
  return {
    /** Up to `max` of them, of all accounts or of that one: whoever takes them tells of them, as nobody else gets them. */
    take: ({ max, accountId }: { max: number; accountId?: string }): Promise<SessionRow[]> => {
      const some = db
        .selectFrom('sessions')
        .select('id')
        .where('realm', '=', realm)
        .where(isUntold)
        .$if(accountId !== undefined, (untold) => untold.where('account_id', '=', accountId ?? ''))
        .orderBy('ended_at')
        .limit(literal(max))
        // Those that another node is about to take.
        .$if(engineOf(db) === 'postgres', (untold) => untold.forUpdate().skipLocked())
      return db
        .updateTable('sessions')
        .set({ tell_end: 0 })
        .where('id', 'in', some)
        .where('tell_end', '=', literal(1))
        .returningAll()
        .execute()
    },
  }
}

/** Those of these realms that have any. */
export async function realmsToTell(db: Database, realms: string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('sessions')
    .select('realm')
    .distinct()
    .where('realm', 'in', realms)
    .where(isUntold)
    .execute()
  return rows.map(({ realm }) => realm)
}
