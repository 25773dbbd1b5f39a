import type { RealmContext } from '../context.ts'
import type { ImportEntry } from './neutral.ts'
import type { ImportOptions } from './options.ts'
import type { ImportReport } from './report.ts'

/**
 * Imports accounts, a batch in a transaction, and remembers how far it has come: after any end it goes on with `resume`,
 * and whatever is imported again stays one account. Throws `ImportConflict`, `RunRefused`, `DatabaseUnavailable`.
 */
export async function importAccounts(
  _ctx: RealmContext,
  _entries: AsyncIterable<ImportEntry>,
  _options: ImportOptions,
): Promise<ImportReport> {
  throw new Error('not built yet')
}
