import type { ImportEntry, ImportRecord } from '../../core/imports/neutral.ts'
import { openScratchIndex, type ScratchIndex } from '../../lib/scratch-index.ts'
import { type FormatOptions, type ImportFile, UnreadableImport } from '../format.ts'
import type { JsonObject } from '../read/entry.ts'
import { columnsOf } from './columns.ts'
import { finishDraft } from './draft.ts'
import { describeColumns, type FoundRow, findTables, joinKey } from './find-tables.ts'
import type { AccountRow, TableFormat } from './table-format.ts'

/**
 * The accounts of a system with tables. The files are read twice where there are tables to join, whose rows wait on disk.
 * Throws `UnreadableImport` when there are rows, but no account is among them.
 */
export async function* readTables(
  files: ImportFile[],
  options: FormatOptions,
  format: TableFormat,
): AsyncGenerator<ImportEntry, void, undefined> {
  using joined = openScratchIndex()
  const hasJoins = Object.values(format.tables).some(({ joinedBy }) => joinedBy)
  if (hasJoins) for await (const found of findTables(files, format)) keepJoined(found, format, joined)
  yield* readAccounts(files, options, format, joined)
}

function keepJoined(found: FoundRow, format: TableFormat, joined: ScratchIndex): void {
  if (!('table' in found)) return
  const joinedBy = format.tables[found.table]?.joinedBy
  const key = joinedBy && joinKey(columnsOf(found.row).value(joinedBy))
  if (key) joined.add(nameOf(found.table, key), JSON.stringify(found.row))
}

/** Rows that have `key` in the column that their table is joined by. */
function nameOf(table: string, key: string): string {
  return JSON.stringify([table, key])
}

async function* readAccounts(
  files: ImportFile[],
  options: FormatOptions,
  format: TableFormat,
  joined: ScratchIndex,
): AsyncGenerator<ImportEntry, void, undefined> {
  let hasRows = false
  let hasAccounts = false
  for await (const found of findTables(files, format)) {
    const { file, line } = found
    hasRows = true
    if ('refused' in found) yield { file, line, refused: found.refused }
    if (!('table' in found) || format.tables[found.table]?.joinedBy) continue
    hasAccounts = true
    const dropped = new Set<string>()
    const row = accountRow(found, format.timeZone ?? options.timeZone, dropped, joined)
    const outcome = await format.recordOf(row, options)
    if ('record' in outcome) yield { file, line, ...finish(outcome.record, dropped, options, format) }
    else yield { file, line, ...outcome }
  }
  if (hasRows && !hasAccounts)
    throw new UnreadableImport(`there is no row with ${describeColumns(format.tables)}`)
}

function accountRow(
  { table, row }: { table: string; row: JsonObject },
  timeZone: string | undefined,
  dropped: Set<string>,
  joined: ScratchIndex,
): AccountRow {
  const drop = (reason: string) => void dropped.add(reason)
  const columns = (row: JsonObject) => columnsOf(row, { timeZone, drop })
  const rowsOf = (table: string, value: unknown) => {
    const key = joinKey(value)
    return key === undefined ? [] : joined.all(nameOf(table, key)).map((text) => columns(JSON.parse(text)))
  }
  return { table, columns: columns(row), drop, joined: rowsOf }
}

function finish(
  draft: Partial<ImportRecord>,
  dropped: Set<string>,
  options: FormatOptions,
  format: TableFormat,
) {
  const { sourceId, ...fields } = finishDraft(draft, options.verified)
  if (!sourceId) return { refused: 'no id' }
  const record: ImportRecord = { source: options.source ?? format.source, sourceId, ...fields }
  return { record, ...(dropped.size > 0 && { dropped: [...dropped] }) }
}
