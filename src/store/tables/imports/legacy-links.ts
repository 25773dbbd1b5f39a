import { sql } from 'kysely'
import { compiled } from '../../compiled.ts'
import { literal } from '../../literal.ts'
import type { LegacyLinkRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { countDeleted } from '../rows.ts'
import { addGiven, givenRows } from './given-rows.ts'

/** What another system calls an account. */
export type LegacyName = Pick<LegacyLinkRow, 'source' | 'source_id'>

const nameColumns = { source: 'text', source_id: 'text' } as const
const columns = {
  ...nameColumns,
  account_id: 'text',
  run_id: 'text',
  created_account: 'bigint',
  place: 'text',
  linked_at: 'bigint',
} as const

// What a flood of guesses waits for.
const openedUnused = compiled((db, { realm, accountId }: { realm: string; accountId: string }) =>
  db
    .selectFrom('legacy_links')
    .innerJoin('accounts', 'accounts.id', 'legacy_links.account_id')
    .select('legacy_links.account_id')
    .where('legacy_links.account_id', '=', accountId)
    .where('legacy_links.realm', '=', realm)
    .where('legacy_links.created_account', '=', literal(1))
    .where((eb) =>
      eb.or([
        eb('accounts.last_sign_in_at', 'is', null),
        eb('accounts.last_sign_in_at', '<', eb.ref('legacy_links.linked_at')),
      ]),
    ),
)

/** What other systems call the accounts of one realm. */
export function legacyLinks(db: Database, realm: string) {
  return {
    /** Those of these names that are known. */
    find: async (names: LegacyName[]): Promise<LegacyLinkRow[]> => {
      if (names.length === 0) return []
      const found = sql<LegacyLinkRow>`(select legacy_links.*
        from ${givenRows(db, nameColumns, names)} cross join legacy_links
        where legacy_links.realm = ${realm} and legacy_links.source = given.source
          and legacy_links.source_id = given.source_id)`
      return db.selectFrom(found.as('found')).selectAll().execute()
    },

    /** Adds those that are not there, and says how many these were. */
    add: (links: Omit<LegacyLinkRow, 'realm'>[]): Promise<number> =>
      addGiven(db, { table: 'legacy_links', realm, columns }, links),

    /** Whether an import has opened that account and nobody has signed in to it since. */
    awaitsFirstSignIn: async (accountId: string): Promise<boolean> =>
      (await openedUnused(db, { realm, accountId })).length > 0,

    /** Of an account. */
    listOf: (accountId: string): Promise<LegacyLinkRow[]> =>
      db
        .selectFrom('legacy_links')
        .selectAll()
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
        .orderBy('source')
        .orderBy('source_id')
        .execute(),

    /** Removes the links that a run has given to accounts that were there before it. */
    removeGivenBy: (runId: string): Promise<number> =>
      countDeleted(
        db
          .deleteFrom('legacy_links')
          .where('realm', '=', realm)
          .where('run_id', '=', runId)
          .where('created_account', '=', 0)
          // Of an account that the run has created, they go with it or stay with it.
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('legacy_links as own')
                  .select('own.source_id')
                  .whereRef('own.account_id', '=', 'legacy_links.account_id')
                  .where('own.run_id', '=', runId)
                  .where('own.created_account', '=', 1),
              ),
            ),
          ),
      ),
  }
}
