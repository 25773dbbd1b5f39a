import { sql } from 'kysely'
import { engineOf } from '../../engine-of.ts'
import type { ImportRunRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { countUpdated } from '../rows.ts'

/** What a run of an import begins with. */
type NewRun = Pick<ImportRunRow, 'id' | 'source' | 'format' | 'files' | 'options' | 'counts'>

/** How far a run has come. */
interface Progress {
  /** Where it was. */
  from: number
  /** Where it is. */
  to: number
  counts: string
}

/** The runs of `manydoors import` in one realm. */
export function importRuns(db: Database, realm: string) {
  const update = (id: string) =>
    db
      .updateTable('import_runs')
      .where('id', '=', id)
      .where('realm', '=', realm)
      .where('undone_at', 'is', null)

  return {
    add: async (run: NewRun, now: number): Promise<void> => {
      await db
        .insertInto('import_runs')
        .values({ ...run, realm, position: 0, started_at: now })
        .execute()
    },

    byId: (id: string): Promise<ImportRunRow | undefined> =>
      db
        .selectFrom('import_runs')
        .selectAll()
        .where('id', '=', id)
        .where('realm', '=', realm)
        .executeTakeFirst(),

    /** Oldest first. */
    list: (): Promise<ImportRunRow[]> =>
      db
        .selectFrom('import_runs')
        .selectAll()
        .where('realm', '=', realm)
        .orderBy('started_at')
        .orderBy('id')
        .execute(),

    /** Keeps other imports into the realm waiting until the transaction ends; on SQLite every transaction does. */
    takeTurn: async (): Promise<void> => {
      if (engineOf(db) === 'postgres')
        await sql`select pg_advisory_xact_lock(hashtextextended(${`import ${realm}`}, 0))`.execute(db)
    },

    /** Notes how far a run has come; `false` when it was not where the caller left it, is finished or undone. */
    proceed: async (id: string, { from, to, counts }: Progress): Promise<boolean> => {
      const proceeding = update(id)
        .set({ position: to, counts })
        .where('position', '=', from)
        .where('finished_at', 'is', null)
      return (await countUpdated(proceeding)) > 0
    },

    /** Notes that a run has come to its end; `false` when it had, or was undone. */
    finish: async (id: string, now: number): Promise<boolean> =>
      (await countUpdated(update(id).set({ finished_at: now }).where('finished_at', 'is', null))) > 0,

    /** Notes that a run was undone; `false` when it was already. */
    undo: async (id: string, now: number): Promise<boolean> =>
      (await countUpdated(update(id).set({ undone_at: now }))) > 0,
  }
}
