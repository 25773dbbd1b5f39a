import type { ImportEntry } from '../../core/imports/neutral.ts'
import { entryOf } from '../entry-of.ts'
import { type FormatOptions, type ImportFile, type ImportFormat, UnreadableImport } from '../format.ts'
import { readCsvFields } from '../read/csv.ts'
import type { JsonObject, ReadEntry } from '../read/entry.ts'
import { fileKindOf } from '../read/file-kind.ts'
import { readJsonObjects } from '../read/json-objects.ts'
import { readFirebaseParameters } from './firebase-parameters.ts'
import { isFirebaseRow, userEntry } from './firebase-rows.ts'
import { readFirebaseUser } from './firebase-user.ts'

/** What `firebase auth:export` writes. */
export const firebase: ImportFormat = {
  name: 'firebase',
  description:
    'Firebase Authentication: the JSON or CSV of firebase auth:export, with the hash parameters of the project',
  read: readFirebase,
}

async function* readFirebase(
  files: ImportFile[],
  options: FormatOptions,
): AsyncGenerator<ImportEntry, void, undefined> {
  const { hashParameters, verified, source = 'firebase' } = options
  const parameters = hashParameters === undefined ? undefined : readFirebaseParameters(hashParameters)
  for (const file of files)
    for await (const entry of usersIn(file)) {
      const reading =
        'refused' in entry ? { refused: entry.refused } : readFirebaseUser(entry.value, parameters)
      yield entryOf({ file: file.name, line: entry.line }, reading, { source, verified })
    }
}

async function* usersIn(file: ImportFile): AsyncGenerator<ReadEntry<JsonObject>, void, undefined> {
  const kind = await fileKindOf(file)
  if (kind === 'sql') throw new UnreadableImport(`${file.name} is SQL, and no export of Firebase`)
  if (kind === 'csv') return yield* usersInCsv(file)
  for await (const { under, ...entry } of readJsonObjects(file))
    if (under === undefined || under === 'users') yield entry
}

/** A first row with another number of fields is of another system, or a header; later ones are damaged. */
async function* usersInCsv(file: ImportFile): AsyncGenerator<ReadEntry<JsonObject>, void, undefined> {
  let isFirst = true
  for await (const entry of readCsvFields(file, { delimiter: ',' })) {
    if (isFirst && !isFirebaseRow(entry.value))
      throw new UnreadableImport(`${file.name} has not the 28 columns that Firebase exports`)
    isFirst = false
    yield userEntry(entry)
  }
}
