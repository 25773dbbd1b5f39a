import type { ImportFile } from '../format.ts'
import { maxEntryLength } from './entry.ts'
import { readText } from './text.ts'

/** The first line of a file that is not blank, trimmed; its beginning where it is longer than 1 MiB. Empty if there is none. */
export async function readFirstLine(file: ImportFile): Promise<string> {
  let start = ''
  for await (const text of readText(file)) {
    start = (start + text).trimStart()
    if (start.includes('\n') || start.length > maxEntryLength) break
  }
  const [line = ''] = start.slice(0, maxEntryLength).split('\n', 1)
  return line.trimEnd()
}
