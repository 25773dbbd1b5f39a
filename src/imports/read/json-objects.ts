import type { ImportFile } from '../format.ts'
import { fileKindOf } from './file-kind.ts'
import { type JsonItem, readJsonItems } from './json-items.ts'
import { readJsonLines } from './json-lines.ts'

/**
 * The objects of a JSON file of any shape: one a line, or in an array, or in arrays under keys. Throws `UnreadableImport`
 * when it is none of these.
 */
export async function* readJsonObjects(file: ImportFile): AsyncGenerator<JsonItem, void, undefined> {
  if ((await fileKindOf(file)) !== 'json lines') return yield* readJsonItems(file)
  for await (const entry of readJsonLines(file)) yield { ...entry, under: undefined }
}
