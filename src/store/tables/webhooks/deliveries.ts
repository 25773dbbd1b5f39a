import { engineOf } from '../../engine-of.ts'
import { literal } from '../../literal.ts'
import type { WebhookAttemptRow, WebhookDeliveryRow, WebhookDeliveryState } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { addGiven } from '../imports/given-rows.ts'
import { countDeleted, countUpdated } from '../rows.ts'
import { lowestIdAt } from '../time-ordered-ids.ts'

const columns = {
  id: 'text',
  webhook_id: 'text',
  event_id: 'text',
  type: 'text',
  account_id: 'text',
  payload: 'text',
  forgets: 'bigint',
  state: 'text',
  attempts: 'bigint',
  last_status: 'bigint',
  last_error: 'text',
  created_at: 'bigint',
  give_up_at: 'bigint',
  ended_at: 'bigint',
} as const

/** Which deliveries of an endpoint are asked for, newest first. */
export interface DeliveryFilter {
  state?: WebhookDeliveryState
  /** The id of the one behind which the list goes on. */
  before?: string
  max: number
}

/** What there is and was to be told to the endpoints of one realm. */
export function webhookDeliveries(db: Database, realm: string) {
  const ours = () => db.selectFrom('webhook_deliveries').selectAll().where('realm', '=', realm)
  const update = () => db.updateTable('webhook_deliveries').where('realm', '=', realm)

  return {
    ...attemptLog(db, realm),
    ...askedAgain(db, realm),
    ...erasedDeliveries(db, realm),

    addAll: async (deliveries: Omit<WebhookDeliveryRow, 'realm'>[]): Promise<void> => {
      await addGiven(
        db,
        { table: 'webhook_deliveries', realm, columns },
        deliveries.map((delivery) => ({ ...delivery })),
      )
    },

    byId: (id: string): Promise<WebhookDeliveryRow | undefined> =>
      ours().where('id', '=', id).executeTakeFirst(),

    list: (webhookId: string, { state, before, max }: DeliveryFilter): Promise<WebhookDeliveryRow[]> =>
      ours()
        .where('webhook_id', '=', webhookId)
        .$if(state !== undefined, (rows) => rows.where('state', '=', state as WebhookDeliveryState))
        .$if(before !== undefined, (rows) => rows.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(max)
        .execute(),

    /** The states of the newest ones since that time, up to `max`. */
    recentStates: (
      webhookId: string,
      { since, max }: { since: number; max: number },
    ): Promise<Pick<WebhookDeliveryRow, 'state'>[]> =>
      db
        .selectFrom('webhook_deliveries')
        .select('state')
        .where('webhook_id', '=', webhookId)
        .where('id', '>=', lowestIdAt(since))
        .orderBy('id', 'desc')
        .limit(max)
        .execute(),

    /** Puts one that waits aside, until its endpoint is no longer paused. */
    hold: async (id: string): Promise<void> => {
      await update().where('id', '=', id).where('state', '<>', 'delivered').set({ state: 'queued' }).execute()
    },

    /** Removes up to `max` of those of an endpoint, and says how many. */
    removeSome: (webhookId: string, max: number): Promise<number> => {
      const some = db
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('realm', '=', realm)
        .where('webhook_id', '=', webhookId)
        .limit(literal(max))
      return countDeleted(db.deleteFrom('webhook_deliveries').where('id', 'in', some))
    },
  }
}

/** How the attempts at the deliveries of one realm went. */
function attemptLog(db: Database, realm: string) {
  const update = () => db.updateTable('webhook_deliveries').where('realm', '=', realm)

  return {
    /** Writes down an attempt, and what became of the delivery by it. One that was delivered meanwhile stays so. */
    noteAttempt: async (
      attempt: Omit<WebhookAttemptRow, 'realm' | 'number'>,
      outcome: Pick<WebhookDeliveryRow, 'state' | 'ended_at'>,
    ): Promise<void> => {
      const { delivery_id: id, status, error } = attempt
      const noted = await update()
        .where('id', '=', id)
        .set((eb) => ({ attempts: eb('attempts', '+', 1), last_status: status, last_error: error }))
        .returning('attempts')
        .executeTakeFirst()
      // Erased while it was sent.
      if (!noted) return
      const row = { ...attempt, realm, number: noted.attempts }
      await db
        .insertInto('webhook_attempts')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      await update().where('id', '=', id).where('state', '<>', 'delivered').set(outcome).execute()
    },

    /** Drops what was sent and answered, where nothing of it is to be kept. */
    forget: async (id: string): Promise<void> => {
      await update().where('id', '=', id).set({ payload: null }).execute()
      await db.updateTable('webhook_attempts').set({ answer: null }).where('delivery_id', '=', id).execute()
    },

    /** Oldest first. */
    listAttempts: (id: string): Promise<WebhookAttemptRow[]> =>
      db
        .selectFrom('webhook_attempts')
        .selectAll()
        .where('realm', '=', realm)
        .where('delivery_id', '=', id)
        .orderBy('number')
        .execute(),
  }
}

/** Deliveries that are to be sent once more, and those that may be sent now that could not be before. */
function askedAgain(db: Database, realm: string) {
  const update = () => db.updateTable('webhook_deliveries').where('realm', '=', realm)

  return {
    /** Asks for one again, whatever has become of it; says whether there is anything to send. */
    queue: async (id: string): Promise<boolean> =>
      (await countUpdated(
        update()
          .where('id', '=', id)
          .where('payload', 'is not', null)
          .set({ state: 'queued', ended_at: null }),
      )) > 0,

    /** Asks again for up to `max` of those of an endpoint that were given up since then; says for how many. */
    queueFailed: (webhookId: string, { since, max }: { since: number; max: number }): Promise<number> => {
      const failed = db
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('webhook_id', '=', webhookId)
        .where('state', '=', 'failed')
        .where('payload', 'is not', null)
        .where('ended_at', '>=', since)
        .orderBy('id')
        .limit(literal(max))
      return countUpdated(update().where('id', 'in', failed).set({ state: 'queued', ended_at: null }))
    },

    /** Takes up to `max` of the oldest that are asked for and whose endpoints are not paused: they wait for their jobs from now on. */
    release: ({ giveUpAt, max }: { giveUpAt: number; max: number }) => {
      const oldest = db
        .selectFrom('webhook_deliveries')
        .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
        .select('webhook_deliveries.id')
        .where('webhooks.realm', '=', realm)
        .where('webhooks.paused_at', 'is', null)
        .where('webhook_deliveries.state', '=', 'queued')
        .orderBy('webhook_deliveries.id')
        .limit(literal(max))
        // Those that another node is about to take.
        .$if(engineOf(db) === 'postgres', (rows) => rows.forUpdate('webhook_deliveries').skipLocked())
      return update()
        .where('id', 'in', oldest)
        .where('state', '=', 'queued')
        .set({ state: 'waiting', give_up_at: giveUpAt })
        .returning(['id', 'webhook_id'])
        .execute()
    },
  }
}

/** What is held of persons in the deliveries of one realm. */
function erasedDeliveries(db: Database, realm: string) {
  return {
    listOf: (accountId: string): Promise<WebhookDeliveryRow[]> =>
      db
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .orderBy('id')
        .execute(),

    /** Removes up to `max` of those about an account, with what was answered, and says how many. */
    removeSomeOf: (accountId: string, max: number): Promise<number> => {
      const some = db
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .limit(literal(max))
      return countDeleted(db.deleteFrom('webhook_deliveries').where('id', 'in', some))
    },

    /** Removes what is about accounts that are not there, as a request may have written it while one was deleted. */
    removeOrphans: async (): Promise<void> => {
      for (const table of ['webhook_events', 'webhook_deliveries'] as const)
        await db
          .deleteFrom(table)
          .where('realm', '=', realm)
          .where('account_id', 'is not', null)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('accounts')
                  .select('accounts.id')
                  .whereRef('accounts.id', '=', `${table}.account_id`),
              ),
            ),
          )
          .execute()
    },
  }
}

/** Those of these realms where deliveries are asked for whose endpoints are not paused. */
export async function realmsToRelease(db: Database, realms: string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('webhooks')
    .select('realm')
    .distinct()
    .where('realm', 'in', realms)
    .where('paused_at', 'is', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('webhook_deliveries')
          .select('webhook_deliveries.id')
          .whereRef('webhook_deliveries.webhook_id', '=', 'webhooks.id')
          .where('webhook_deliveries.state', '=', 'queued'),
      ),
    )
    .execute()
  return rows.map(({ realm }) => realm)
}
