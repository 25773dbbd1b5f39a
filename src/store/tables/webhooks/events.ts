import { compiled } from '../../compiled.ts'
import { engineOf } from '../../engine-of.ts'
import { literal } from '../../literal.ts'
import type { WebhookEventRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { countDeleted } from '../rows.ts'

const add = compiled((db, event: WebhookEventRow) => db.insertInto('webhook_events').values(event))

/** What has happened in one realm and has not been made deliveries of. */
export function webhookEvents(db: Database, realm: string) {
  return {
    add: async (event: Omit<WebhookEventRow, 'realm'>): Promise<void> => {
      await add(db, { ...event, realm })
    },

    /** Takes the oldest ones away, up to `max`: whoever does it makes deliveries of them, as nobody else gets them. */
    take: (max: number): Promise<WebhookEventRow[]> => {
      const oldest = db
        .selectFrom('webhook_events')
        .select('id')
        .where('realm', '=', realm)
        .orderBy('id')
        .limit(literal(max))
        // Those that another node is about to take.
        .$if(engineOf(db) === 'postgres', (events) => events.forUpdate().skipLocked())
      return db.deleteFrom('webhook_events').where('id', 'in', oldest).returningAll().execute()
    },

    removeAllOf: (accountId: string): Promise<number> =>
      countDeleted(
        db.deleteFrom('webhook_events').where('realm', '=', realm).where('account_id', '=', accountId),
      ),
  }
}

/** Those of these realms where events wait to be made deliveries of. */
export async function realmsWithEvents(db: Database, realms: string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('webhook_events')
    .select('realm')
    .distinct()
    .where('realm', 'in', realms)
    .execute()
  return rows.map(({ realm }) => realm)
}
