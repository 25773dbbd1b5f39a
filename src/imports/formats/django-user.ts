import type { Columns } from '../tables/columns.ts'
import type { AccountRow } from '../tables/table-format.ts'

/** The rows of a table that belong to a user, named by its id, or by its natural key, as `dumpdata --natural-foreign` does. */
export function ownedRows({ columns, joined }: AccountRow, table: string): Columns[] {
  const username = columns.text('username')
  return [...joined(table, columns.text('id')), ...(username ? joined(table, [username]) : [])]
}
