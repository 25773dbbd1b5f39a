import { sql } from 'kysely'
import { compiled } from '../compiled.ts'
import { literal } from '../literal.ts'
import type { AuthenticatorRow, TotpRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { addGiven } from './imports/given-rows.ts'
import { sealedTexts } from './sealed.ts'

/** One that is to be; its secret is sealed. */
export type NewAuthenticator = Pick<
  AuthenticatorRow,
  'id' | 'account_id' | 'name' | 'secret_sealed' | 'sealed_under'
>

/** An authenticator of an account, of either table. */
export type HeldRow = Omit<TotpRow, 'realm' | 'last_step' | 'sealed_under'> & {
  /** 1 where it is the one in `totp`. */
  is_first: number
}

const heldColumns = [
  'id',
  'name',
  'account_id',
  'secret_sealed',
  'created_at',
  'confirmed_at',
  'challenged_at',
] as const

// What every refresh of a session that can step up waits for, and so one statement.
const heldBy = compiled((db, { accountId, realm }: { accountId: string; realm: string }) => {
  const others = db
    .selectFrom('authenticators')
    .select([...heldColumns, sql<number>`0`.as('is_first')])
    .where('account_id', '=', accountId)
    .where('realm', '=', realm)
  return db
    .selectFrom('totp')
    .select([...heldColumns, sql<number>`1`.as('is_first')])
    .where('account_id', '=', accountId)
    .where('realm', '=', realm)
    .where('confirmed_at', 'is not', null)
    .unionAll(others)
    .orderBy('is_first', 'desc')
    .orderBy('created_at')
    .orderBy('id')
    .limit(literal(100))
})

/** Of those that are given in force, also where they are the first of their account. */
export const confirmedColumns = {
  id: 'text',
  account_id: 'text',
  name: 'text',
  secret_sealed: 'text',
  sealed_under: 'text',
  created_at: 'bigint',
  confirmed_at: 'bigint',
} as const

/** The authenticators of one realm that accounts have beside the one in `totp`, sealed before they come here. */
export function authenticators(db: Database, realm: string) {
  const update = (id: string) =>
    db.updateTable('authenticators').where('id', '=', id).where('realm', '=', realm).returningAll()

  return {
    ...additions(db, realm),
    ...removals(db, realm),
    ...sealedTexts(db, { table: 'authenticators', id: 'id', text: 'secret_sealed', realm }),

    /** All of an account, but for one in `totp` that is pending: that one first, then the oldest. */
    heldBy: (accountId: string): Promise<HeldRow[]> => heldBy(db, { accountId, realm }),

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

function additions(db: Database, realm: string) {
  return {
    /** Adds one that is pending. */
    add: async (authenticator: NewAuthenticator, now: number): Promise<void> => {
      await db
        .insertInto('authenticators')
        .values({ ...authenticator, realm, created_at: now })
        .execute()
    },

    /** Adds some that are in force; says how many these were. */
    addConfirmed: (all: NewAuthenticator[], now: number): Promise<number> =>
      addGiven(
        db,
        { table: 'authenticators', realm, columns: confirmedColumns },
        all.map((each) => ({ ...each, created_at: now, confirmed_at: now })),
      ),
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
