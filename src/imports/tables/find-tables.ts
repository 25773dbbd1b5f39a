import type { EntryPlace } from '../../core/imports/neutral.ts'
import type { ImportFile } from '../format.ts'
import type { JsonObject } from '../read/entry.ts'
import { asText } from '../values/text.ts'
import { columnsOf } from './columns.ts'
import { readRows } from './rows.ts'
import type { Table, TableFormat } from './table-format.ts'

/** A row whose table is known, or that nobody has asked for, or that cannot be read. */
export type FoundRow = EntryPlace &
  (
    | { table: string; row: JsonObject }
    | { refused: string }
    /** A row of another table of a dump. */
    | { other: true }
  )

/** All rows of the files, in their order, with the tables that they are of. */
export async function* findTables(
  files: ImportFile[],
  format: TableFormat,
): AsyncGenerator<FoundRow, void, undefined> {
  for (const file of files) {
    for await (const entry of readRows(file, format)) {
      const place = { file: file.name, line: entry.line }
      if ('refused' in entry) yield { ...place, refused: entry.refused }
      else yield { ...place, ...tableOf(entry.value, entry.isAmongOthers, format) }
    }
  }
}

function tableOf(row: JsonObject, isAmongOthers: boolean, { tables, unwrap }: TableFormat) {
  const unwrapped = unwrap?.(row)
  if (unwrapped) return tables[unwrapped.table] ? unwrapped : { other: true as const }
  const { has } = columnsOf(row)
  const [table] = Object.entries(tables).find(([, table]) => isRowOf(table, has)) ?? []
  if (table) return { table, row }
  return isAmongOthers ? { other: true as const } : { refused: `not a row with ${describeColumns(tables)}` }
}

function isRowOf({ columns, oneOf, lacks = [] }: Table, has: (name: string) => boolean): boolean {
  return columns.every(has) && (oneOf?.some(has) ?? true) && !lacks.some(has)
}

/** The columns by which the rows of accounts are known, for people. */
export function describeColumns(tables: TableFormat['tables']): string {
  const accounts = Object.values(tables).filter(({ joinedBy }) => !joinedBy)
  return accounts
    .map(({ columns, oneOf }) => [...columns, ...(oneOf ? [oneOf.join(' or ')] : [])].join(', '))
    .join('; or with ')
}

/** What rows are joined by, as a text that is the same in CSV and JSON; keys of several columns are lists. */
export function joinKey(value: unknown): string | undefined {
  return Array.isArray(value) ? JSON.stringify(value) : asText(value)
}
