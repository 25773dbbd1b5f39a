import type { FormatOptions } from '../format.ts'
import type { JsonObject } from '../read/entry.ts'
import type { Columns } from './columns.ts'
import type { Draft } from './draft.ts'
import type { RowOptions } from './rows.ts'

/** A system whose accounts are the rows of a table, with rows of others joined to them. */
export interface TableFormat extends RowOptions {
  /** What the system is called when nobody calls it otherwise. */
  source: string
  /** By name; a row is of the first one whose columns it has. */
  tables: Record<string, Table>
  /** The time zone of times that name none, where the system has always the same. */
  timeZone?: string
  /** The row of a file that says itself of which table it is; one of a table that nobody knows is passed over. */
  unwrap?(row: JsonObject): { table: string; row: JsonObject } | undefined
  /** What is made of an account's row. */
  recordOf(row: AccountRow, options: FormatOptions): Outcome | Promise<Outcome>
}

/** How the rows of a table are known. */
export interface Table {
  /** What all rows have. */
  columns: string[]
  /** Of these they have one at least. */
  oneOf?: string[]
  /** What no row has. */
  lacks?: string[]
  /** Where the rows are joined to others: the column whose value they are found by. Else each row is an account. */
  joinedBy?: string
}

/** The row of an account. */
export interface AccountRow {
  table: string
  columns: Columns
  /** Is told what is not taken, and why. */
  drop(reason: string): undefined
  /** The rows of a joined table that have this value in the column `joinedBy`, in the order of the files. */
  joined(table: string, value: unknown): Columns[]
}

/** A record, or why there is none. */
export type Outcome = { record: Draft } | { skipped: string } | { refused: string }
