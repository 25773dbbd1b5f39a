import type { ImportFile } from '../format.ts'
import { readCsv } from '../read/csv.ts'
import type { JsonObject, ReadEntry } from '../read/entry.ts'
import { fileKindOf } from '../read/file-kind.ts'
import { readJsonObjects } from '../read/json-objects.ts'

/** A row of one of the tables that matter; of other tables nothing is read. */
export type BetterAuthRow = ReadEntry<JsonObject> & { file: ImportFile; table: BetterAuthTable | undefined }

export type BetterAuthTable = 'user' | 'account' | 'twoFactor'

const tables = new Map<string, BetterAuthTable>([
  ['user', 'user'],
  ['account', 'account'],
  ['twofactor', 'twoFactor'],
])

/**
 * The rows in files of better-auth's tables: all in one JSON object, or an array, an object a line or CSV for each table.
 * One that cannot be read may be of any table.
 */
export async function* readBetterAuthTables(
  files: ImportFile[],
): AsyncGenerator<BetterAuthRow, void, undefined> {
  for (const file of files) {
    const isCsv = (await fileKindOf(file)) === 'csv'
    for await (const row of isCsv ? readCsv(file) : readJsonObjects(file)) {
      const name = 'under' in row ? row.under : undefined
      const table = name === undefined ? tableOfFields(row) : tables.get(wordOf(name))
      if (table || (name === undefined && 'refused' in row)) yield { ...row, file, table }
    }
  }
}

/** Drizzle may write `two_factors`. */
function wordOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '').replace(/s$/, '')
}

function tableOfFields(row: ReadEntry<JsonObject>): BetterAuthTable | undefined {
  if ('refused' in row) return undefined
  const has = (column: string) => fieldOf(row.value, column) !== undefined
  if (has('backupCodes')) return 'twoFactor'
  if (has('providerId') && has('userId')) return 'account'
  return has('email') && has('emailVerified') ? 'user' : undefined
}

/** A column by its name in better-auth, in a row that may have it in snake case. */
export function fieldOf(row: JsonObject, column: string): unknown {
  return row[column] ?? row[column.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]
}
