import type { ImportFile } from '../format.ts'
import { readFirstLines } from './first-lines.ts'

/** How a file is written: as SQL of `pg_dump`, as JSON in one piece or an object a line, or else as CSV. */
export type FileKind = 'sql' | 'json' | 'json lines' | 'csv'

/** How a file seems to be written, by its first lines. */
export async function fileKindOf(file: ImportFile): Promise<FileKind> {
  const [first, second] = await readFirstLines(file)
  if (first.startsWith('[')) return 'json'
  if (first.startsWith('{')) return isObjectALine(first, second) ? 'json lines' : 'json'
  return /^(--|\\|(set|copy|begin|insert|truncate|alter|select)\b(?!,))/i.test(first) ? 'sql' : 'csv'
}

function isObjectALine(first: string, second: string): boolean {
  // In one piece a line begins with an object only behind what says that one comes; the first may be cut off.
  if (second.startsWith('{')) return !/[[,:{]$/.test(first)
  // In one piece and on one line it is an object of arrays.
  return /^\{.+\}$/.test(first) && !/^\{\s*"[^"]*"\s*:\s*\[\s*[{\]]/.test(first)
}
