import type { ImportFile } from '../format.ts'
import type { JsonObject, ReadEntry } from './entry.ts'
import { parseObject } from './json.ts'
import { readLines } from './lines.ts'

/** The JSON objects of a file that has one a line; a line that is none is refused, an empty one passed over. */
export async function* readJsonLines(
  file: ImportFile,
): AsyncGenerator<ReadEntry<JsonObject>, void, undefined> {
  for await (const entry of readLines(file)) {
    if ('refused' in entry) yield entry
    else if (entry.value.trim()) yield { line: entry.line, ...parseObject(entry.value) }
  }
}
