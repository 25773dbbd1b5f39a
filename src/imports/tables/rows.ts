import type { ImportFile } from '../format.ts'
import { readCopyBlocks } from '../read/copy-blocks.ts'
import { readCsv, readCsvFields } from '../read/csv.ts'
import type { JsonObject, ReadEntry } from '../read/entry.ts'
import { fileKindOf } from '../read/file-kind.ts'
import { readJsonObjects } from '../read/json-objects.ts'

/** A row, and whether others of its file may be of tables that nobody has asked for. */
export type FileRow = ReadEntry<JsonObject> & { isAmongOthers: boolean }

/** How the rows of CSV are written. */
export interface RowOptions {
  /** What separates two fields; found out when not given. */
  delimiter?: string
  /** The names of the columns, where the file does not begin with them. */
  header?: string[]
}

/** The rows of a file that is CSV, JSON of any shape, or SQL of `pg_dump`. */
export async function* readRows(
  file: ImportFile,
  options: RowOptions,
): AsyncGenerator<FileRow, void, undefined> {
  const kind = await fileKindOf(file)
  const isAmongOthers = kind === 'sql'
  const rows: AsyncIterable<ReadEntry<JsonObject>> =
    kind === 'sql'
      ? readCopyBlocks(file)
      : kind === 'csv'
        ? readCsvRows(file, options)
        : readJsonObjects(file)
  for await (const row of rows) yield { ...row, isAmongOthers }
}

async function* readCsvRows(
  file: ImportFile,
  { header, ...options }: RowOptions,
): AsyncGenerator<ReadEntry<JsonObject>, void, undefined> {
  if (!header) return yield* readCsv(file, options)
  for await (const { line, value } of readCsvFields(file, options)) {
    if (value.length === header.length)
      yield { line, value: Object.fromEntries(header.map((column, at) => [column, value[at]])) }
    else yield { line, refused: `${value.length} fields for ${header.length} columns` }
  }
}
