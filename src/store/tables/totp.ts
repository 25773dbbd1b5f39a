import { compiled } from '../compiled.ts'
import type { TotpRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { confirmedColumns, type NewAuthenticator } from './authenticators.ts'
import { addGiven } from './imports/given-rows.ts'
import { sealedTexts } from './sealed.ts'

// What every sign-in waits for.
const byAccount = compiled((db, { accountId, realm }: { accountId: string; realm: string }) =>
  db.selectFrom('totp').selectAll().where('account_id', '=', accountId).where('realm', '=', realm),
)

/** The authenticator secrets of one realm, sealed before they come here. */
export function totps(db: Database, realm: string) {
  const update = (accountId: string) =>
    db.updateTable('totp').where('account_id', '=', accountId).where('realm', '=', realm).returningAll()

  return {
    ...firstOfSeveral(db, realm),
    ...sealedTexts(db, { table: 'totp', id: 'account_id', text: 'secret_sealed', realm }),

    byAccount: async (accountId: string): Promise<TotpRow | undefined> =>
      (await byAccount(db, { accountId, realm }))[0],

    /** Stores a pending secret, which replaces another pending one; `undefined` when a confirmed one is there. */
    enrol: (
      accountId: string,
      { sealed, keyId }: { sealed: string; keyId: string },
      now: number,
    ): Promise<TotpRow | undefined> =>
      db
        .insertInto('totp')
        .values({ realm, account_id: accountId, secret_sealed: sealed, sealed_under: keyId, created_at: now })
        .onConflict((conflict) =>
          conflict
            .column('account_id')
            .doUpdateSet({ secret_sealed: sealed, sealed_under: keyId, created_at: now })
            .where('totp.confirmed_at', 'is', null),
        )
        .returningAll()
        .executeTakeFirst(),

    /** Adds secrets that are in force, to accounts that have none; says how many these were. */
    addConfirmed: (secrets: NewAuthenticator[], now: number): Promise<number> =>
      addGiven(
        db,
        { table: 'totp', realm, columns: confirmedColumns },
        secrets.map((secret) => ({ ...secret, created_at: now, confirmed_at: now })),
      ),

    /** Puts the pending secret into force; `undefined` when there is none, or another by now. */
    confirm: (
      accountId: string,
      { secretSealed, step }: { secretSealed: string; step: number },
      now: number,
    ): Promise<TotpRow | undefined> =>
      update(accountId)
        .set({ confirmed_at: now, last_step: step })
        .where('secret_sealed', '=', secretSealed)
        .where('confirmed_at', 'is', null)
        .executeTakeFirst(),

    /** Uses a time step up. Of any number of callers with the same step, or an older one, one succeeds. */
    useStep: (accountId: string, step: number): Promise<TotpRow | undefined> =>
      update(accountId)
        .set({ last_step: step })
        .where('confirmed_at', 'is not', null)
        .where((eb) => eb.or([eb('last_step', 'is', null), eb('last_step', '<', step)]))
        .executeTakeFirst(),

    remove: async (accountId: string): Promise<void> => {
      await db.deleteFrom('totp').where('account_id', '=', accountId).where('realm', '=', realm).execute()
    },
  }
}

/** What is kept of authenticators that are the first of several. */
function firstOfSeveral(db: Database, realm: string) {
  return {
    /** Puts a secret into force at once, in the place of one that is pending; `undefined` when one is in force. */
    put: (totp: Omit<TotpRow, 'realm'>): Promise<TotpRow | undefined> =>
      db
        .insertInto('totp')
        .values({ ...totp, realm })
        .onConflict((conflict) =>
          conflict.column('account_id').doUpdateSet(totp).where('totp.confirmed_at', 'is', null),
        )
        .returningAll()
        .executeTakeFirst(),

    /** Those in force of these accounts; one id at least. */
    confirmedOf: (accountIds: string[]): Promise<TotpRow[]> =>
      db
        .selectFrom('totp')
        .selectAll()
        .where('account_id', 'in', accountIds)
        .where('realm', '=', realm)
        .where('confirmed_at', 'is not', null)
        .execute(),

    /** Keeps when a code of it was asked for. */
    noteChallenge: async (accountId: string, now: number): Promise<void> => {
      await db
        .updateTable('totp')
        .set({ challenged_at: now })
        .where('account_id', '=', accountId)
        .where('realm', '=', realm)
        .execute()
    },
  }
}
