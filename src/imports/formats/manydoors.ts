import type { ImportEntry } from '../../core/imports/neutral.ts'
import type { FormatOptions, ImportFile, ImportFormat } from '../format.ts'
import { readJsonObjects } from '../read/json-objects.ts'
import { finishDraft } from '../tables/draft.ts'
import { readNeutral } from './manydoors-schema.ts'

/** The neutral form, as `import convert` and `account export` write it. */
export const manydoors: ImportFormat = {
  name: 'manydoors',
  description: 'the neutral form: JSON, an account a line, of `import convert` or `account export --all`',
  read,
}

async function* read(
  files: ImportFile[],
  { source, verified }: FormatOptions,
): AsyncGenerator<ImportEntry, void, undefined> {
  for (const file of files)
    for await (const entry of readJsonObjects(file)) {
      const place = { file: file.name, line: entry.line }
      if ('refused' in entry) yield { ...place, refused: entry.refused }
      else {
        const read = readNeutral(source === undefined ? entry.value : { ...entry.value, source })
        yield {
          ...place,
          ...('record' in read ? { ...read, record: finishDraft(read.record, verified) } : read),
        }
      }
    }
}
