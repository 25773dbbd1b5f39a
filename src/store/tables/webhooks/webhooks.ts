import type { WebhookRow, WebhookSecretRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { countDeleted, countUpdated } from '../rows.ts'
import { sealedTexts } from '../sealed.ts'

/** The endpoints of one realm that are told what happens. */
export function webhooks(db: Database, realm: string) {
  const ours = () => db.selectFrom('webhooks').selectAll().where('realm', '=', realm)
  const update = (id: string) => db.updateTable('webhooks').where('realm', '=', realm).where('id', '=', id)

  return {
    list: (): Promise<WebhookRow[]> => ours().orderBy('id').execute(),

    byId: (id: string): Promise<WebhookRow | undefined> => ours().where('id', '=', id).executeTakeFirst(),

    add: async (webhook: Pick<WebhookRow, 'id' | 'url' | 'description' | 'types' | 'created_at'>) => {
      const row = { ...webhook, realm, paused_at: null, paused_why: null, failing_since: null }
      await db.insertInto('webhooks').values(row).execute()
    },

    /** Says whether there is one to change. */
    change: async (
      id: string,
      changes: Partial<Pick<WebhookRow, 'url' | 'description' | 'types'>>,
    ): Promise<boolean> => (await countUpdated(update(id).set(changes))) > 0,

    /** Says whether it was not paused before. */
    pause: async (id: string, { at, why }: { at: number; why: string }): Promise<boolean> =>
      (await countUpdated(
        update(id).where('paused_at', 'is', null).set({ paused_at: at, paused_why: why }),
      )) > 0,

    /** Says whether it was paused before. */
    resume: async (id: string): Promise<boolean> =>
      (await countUpdated(
        update(id)
          .where('paused_at', 'is not', null)
          .set({ paused_at: null, paused_why: null, failing_since: null }),
      )) > 0,

    /** Notes since when no attempt has succeeded, if that is not known. */
    noteFailing: async (id: string, since: number): Promise<void> => {
      await update(id).where('failing_since', 'is', null).set({ failing_since: since }).execute()
    },

    noteWorking: async (id: string): Promise<void> => {
      await update(id).where('failing_since', 'is not', null).set({ failing_since: null }).execute()
    },

    /** Removes it with its secrets, and says whether it was there. */
    remove: async (id: string): Promise<boolean> =>
      (await countDeleted(db.deleteFrom('webhooks').where('realm', '=', realm).where('id', '=', id))) > 0,
  }
}

/** What deliveries to the endpoints of one realm are signed with, sealed before it comes here. */
export function webhookSecrets(db: Database, realm: string) {
  return {
    ...sealedTexts(db, { table: 'webhook_secrets', id: 'id', text: 'secret_sealed', realm }),

    /** Those that sign now, the newest first. */
    listGood: (webhookId: string, now: number): Promise<WebhookSecretRow[]> =>
      db
        .selectFrom('webhook_secrets')
        .selectAll()
        .where('realm', '=', realm)
        .where('webhook_id', '=', webhookId)
        .where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now)]))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .execute(),

    add: async (secret: Omit<WebhookSecretRow, 'realm' | 'ends_at'>): Promise<void> => {
      await db
        .insertInto('webhook_secrets')
        .values({ ...secret, realm, ends_at: null })
        .execute()
    },

    /** Has all that there are end then at the latest, and drops those that have ended by now. */
    endAll: async (webhookId: string, { endsAt, now }: { endsAt: number; now: number }): Promise<void> => {
      await db
        .updateTable('webhook_secrets')
        .set({ ends_at: endsAt })
        .where('realm', '=', realm)
        .where('webhook_id', '=', webhookId)
        .where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', endsAt)]))
        .execute()
      await db
        .deleteFrom('webhook_secrets')
        .where('realm', '=', realm)
        .where('webhook_id', '=', webhookId)
        .where('ends_at', '<=', now)
        .execute()
    },
  }
}

/** Which types of events each realm has endpoints for, as JSON: of those that are not paused, too. */
export function listWantedTypes(db: Database): Promise<Pick<WebhookRow, 'realm' | 'types'>[]> {
  return db.selectFrom('webhooks').select(['realm', 'types']).execute()
}
