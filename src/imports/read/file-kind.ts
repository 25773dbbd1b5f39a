import type { ImportFile } from '../format.ts'
import { readFirstLine } from './first-line.ts'

/** How a file is written: as SQL of `pg_dump`, as JSON in one piece or an object a line, or else as CSV. */
export type FileKind = 'sql' | 'json' | 'json lines' | 'csv'

/** How a file seems to be written, by its first line. */
export async function fileKindOf(file: ImportFile): Promise<FileKind> {
  const line = await readFirstLine(file)
  if (line.startsWith('[')) return 'json'
  // In one piece and on one line it is an object of arrays.
  if (line.startsWith('{'))
    return /^\{.+\}$/.test(line) && !/^\{\s*"[^"]*"\s*:\s*\[\s*[{\]]/.test(line) ? 'json lines' : 'json'
  return /^(--|\\|(set|copy|begin|insert|truncate|alter|select)\b(?!,))/i.test(line) ? 'sql' : 'csv'
}
