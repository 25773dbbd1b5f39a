import type { ImportFile } from '../format.ts'
import { maxEntryLength, type ReadEntry } from './entry.ts'
import { readText } from './text.ts'

/** The lines of a file without what ends them, LF or CRLF; one that is longer than 1 MiB is refused. */
export async function* readLines(file: ImportFile): AsyncGenerator<ReadEntry<string>, void, undefined> {
  let line = 1
  let begun = ''
  let isTooLong = false
  const add = (text: string) => {
    isTooLong ||= begun.length + text.length > maxEntryLength
    begun = isTooLong ? '' : begun + text
  }
  const end = (): ReadEntry<string> => {
    const ended = isTooLong
      ? { line, refused: 'a line of more than 1 MiB' }
      : { line, value: begun.endsWith('\r') ? begun.slice(0, -1) : begun }
    line++
    begun = ''
    isTooLong = false
    return ended
  }
  for await (const text of readText(file)) {
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      add(text.slice(from, to))
      yield end()
      from = to + 1
    }
    add(text.slice(from))
  }
  if (begun || isTooLong) yield end()
}
