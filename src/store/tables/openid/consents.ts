import type { OpenidConsentRow } from '../../schema.ts'
import type { Database } from '../../types.ts'

type ConsentKey = Pick<OpenidConsentRow, 'account_id' | 'client_id'>

/** What the people of one realm have allowed apps. */
export function openidConsents(db: Database, realm: string) {
  return {
    byKey: (key: ConsentKey): Promise<OpenidConsentRow | undefined> =>
      db
        .selectFrom('openid_consents')
        .selectAll()
        .where((eb) => eb.and({ realm, ...key }))
        .executeTakeFirst(),

    /** Newest first. */
    listOf: (accountId: string): Promise<OpenidConsentRow[]> =>
      db
        .selectFrom('openid_consents')
        .selectAll()
        .where((eb) => eb.and({ realm, account_id: accountId }))
        .orderBy('granted_at', 'desc')
        .orderBy('client_id')
        .execute(),

    /** Writes what is allowed from now on, over what was. */
    put: async (consent: Omit<OpenidConsentRow, 'realm'>): Promise<void> => {
      await db
        .insertInto('openid_consents')
        .values({ ...consent, realm })
        .onConflict((conflict) => conflict.columns(['realm', 'account_id', 'client_id']).doUpdateSet(consent))
        .execute()
    },

    /** `undefined` when there is none. */
    remove: (key: ConsentKey): Promise<OpenidConsentRow | undefined> =>
      db
        .deleteFrom('openid_consents')
        .where((eb) => eb.and({ realm, ...key }))
        .returningAll()
        .executeTakeFirst(),
  }
}
