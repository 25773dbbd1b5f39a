import type { ImportFormat } from '../format.ts'
import { type ColumnMap, readColumnMap } from '../tables/column-map.ts'
import { mapColumns } from '../tables/map-columns.ts'
import { readTables } from '../tables/read-tables.ts'
import type { TableFormat } from '../tables/table-format.ts'

/** Any table with a row an account; a map says which column is what. */
export const csv: ImportFormat = {
  name: 'csv',
  description: 'any table as CSV or JSON, with a map of its columns: --map map.yaml',
  secrets: ['pepper', 'key'],
  read: (files, options) => readTables(files, options, tableFor(readColumnMap(options.map))),
}

function tableFor(map: ColumnMap): TableFormat {
  return {
    source: map.source ?? 'csv',
    tables: { accounts: { columns: [map.fields.sourceId] } },
    ...(map.delimiter && { delimiter: map.delimiter }),
    ...(map.columns && { header: map.columns }),
    recordOf: (row, { secrets }) => mapColumns(row, map, secrets),
  }
}
