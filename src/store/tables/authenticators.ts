import { literal } from '../literal.ts'
import type { AuthenticatorRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { sealedTexts } from './sealed.ts'

type NewAuthenticator = Pick<
  AuthenticatorRow,
  'id' | 'account_id' | 'name' | 'secret_sealed' | 'sealed_under' | 'created_at'
>

/** The authenticators of one realm that accounts have beside the one in `totp`, sealed before they come here. */
export function authenticators(db: Database, realm: string) {
  const update = (id: string) =>
    db.updateTable('authenticators').where('id', '=', id).where('realm', '=', realm).returningAll()

  return {
    ...removals(db, realm),
    ...sealedTexts(db, { table: 'authenticators', id: 'id', text: 'secret_sealed', realm }),

    /** Those of an account, the oldest first. */
    listOf: (accountId: string): Promise<AuthenticatorRow[]> =>
      db
        .selectFrom('authenticators')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('realm', '=', realm)
        .orderBy('created_at')
        .orderBy('id')
        .limit(literal(100))
        .execute(),

    /** Those of these accounts, the oldest first; one id at least. */
    listOfMany: (accountIds: string[]): Promise<AuthenticatorRow[]> =>
      db
        .selectFrom('authenticators')
        .selectAll()
        .where('account_id', 'in', accountIds)
        .where('realm', '=', realm)
        .orderBy('created_at')
        .orderBy('id')
        .execute(),

    /** Adds one that is pending. */
    add: async (authenticator: NewAuthenticator): Promise<void> => {
      await db
        .insertInto('authenticators')
        .values({ ...authenticator, realm })
        .execute()
    },

    /** Puts a pending one into force; `undefined` when it is not there any more, or in force. */
    confirm: (id: string, step: number, now: number): Promise<AuthenticatorRow | undefined> =>
      update(id)
        .set({ confirmed_at: now, last_step: step })
        .where('confirmed_at', 'is', null)
        .executeTakeFirst(),

    /** Uses a time step up. Of any number of callers with the same step, or an older one, one succeeds. */
    useStep: (id: string, step: number): Promise<AuthenticatorRow | undefined> =>
      update(id)
        .set({ last_step: step })
        .where('confirmed_at', 'is not', null)
        .where((eb) => eb.or([eb('last_step', 'is', null), eb('last_step', '<', step)]))
        .executeTakeFirst(),

    /** Keeps when a code of it was asked for. */
    noteChallenge: async (id: string, now: number): Promise<void> => {
      await update(id).set({ challenged_at: now }).execute()
    },
  }
}

function removals(db: Database, realm: string) {
  const removeOf = (accountId: string) =>
    db.deleteFrom('authenticators').where('account_id', '=', accountId).where('realm', '=', realm)

  return {
    /** Of any number of callers one removes it. */
    remove: (id: string): Promise<AuthenticatorRow | undefined> =>
      db
        .deleteFrom('authenticators')
        .where('id', '=', id)
        .where('realm', '=', realm)
        .returningAll()
        .executeTakeFirst(),

    /** Removes those of an account that were begun before that time and are not in force. */
    removePending: async (accountId: string, before: number): Promise<void> => {
      await removeOf(accountId).where('confirmed_at', 'is', null).where('created_at', '<', before).execute()
    },

    /** Removes those of an account that were begun since that time. */
    removeNewer: async (accountId: string, since: number): Promise<void> => {
      await removeOf(accountId).where('created_at', '>=', since).execute()
    },

    removeAll: async (accountId: string): Promise<void> => {
      await removeOf(accountId).execute()
    },
  }
}
