import type { ImportFile } from '../format.ts'
import { maxEntryLength } from './entry.ts'
import { readText } from './text.ts'

/**
 * The first two lines of a file that are not blank, trimmed, as far as they are within its first 1 MiB that is not blank;
 * empty where there are none.
 */
export async function readFirstLines(file: ImportFile): Promise<[first: string, second: string]> {
  let start = ''
  let lines = linesIn(start)
  for await (const text of readText(file)) {
    start = (start + text).trimStart()
    lines = linesIn(start.slice(0, maxEntryLength))
    if (lines.areWhole || start.length > maxEntryLength) break
  }
  return [lines.first, lines.second]
}

function linesIn(start: string) {
  const [first, behind] = cutAtLine(start)
  const [second, rest] = cutAtLine((behind ?? '').trimStart())
  return { first: first.trimEnd(), second: second.trimEnd(), areWhole: rest !== undefined }
}

function cutAtLine(text: string): [line: string, behind?: string] {
  const end = text.indexOf('\n')
  return end < 0 ? [text] : [text.slice(0, end), text.slice(end + 1)]
}
