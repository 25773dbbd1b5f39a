import type { ImportFile } from '../format.ts'
import { readCopyBlocks } from '../read/copy-blocks.ts'
import { readCsv } from '../read/csv.ts'
import type { JsonObject, ReadEntry } from '../read/entry.ts'
import { fileKindOf } from '../read/file-kind.ts'
import { readJsonObjects } from '../read/json-objects.ts'

/** A row, and whether others of its file may be of tables that nobody has asked for. */
export type FileRow = ReadEntry<JsonObject> & { isAmongOthers: boolean }

/** The rows of a file that is CSV with a header, JSON of any shape, or SQL of `pg_dump`. */
export async function* readRows(
  file: ImportFile,
  options: { delimiter?: string } = {},
): AsyncGenerator<FileRow, void, undefined> {
  const kind = await fileKindOf(file)
  const isAmongOthers = kind === 'sql'
  const rows: AsyncIterable<ReadEntry<JsonObject>> =
    kind === 'sql' ? readCopyBlocks(file) : kind === 'csv' ? readCsv(file, options) : readJsonObjects(file)
  for await (const row of rows) yield { ...row, isAmongOthers }
}
