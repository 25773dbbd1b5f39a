import { type ImportFile, UnreadableImport } from '../format.ts'
import type { ReadEntry, Row } from './entry.ts'
import { readLines } from './lines.ts'

/** A row of a table. */
export type CopyRow = ReadEntry<Row> & {
  /** With its schema and without quotes, such as `auth.users`. */
  table: string
}

/**
 * The rows of the COPY blocks in an SQL file of `pg_dump` or `psql`, in the file's order; a row with more or fewer fields
 * than the block has columns is refused. Throws `UnreadableImport` when a block does not end, or the file has `INSERT`s
 * instead.
 */
export async function* readCopyBlocks(file: ImportFile): AsyncGenerator<CopyRow, void, undefined> {
  let block: Block | undefined
  let isEmpty = true
  let hasInserts = false
  for await (const entry of readLines(file)) {
    if (block) {
      if ('value' in entry && entry.value === '\\.') block = undefined
      else yield { ...rowIn(block, entry), table: block.table }
    } else if ('value' in entry) {
      block = blockBegunBy(entry.value)
      isEmpty &&= !block
      hasInserts ||= /^insert into\b/i.test(entry.value)
    }
  }
  if (block) throw new UnreadableImport(`${file.name} breaks off within the table ${block.table}`)
  if (isEmpty && hasInserts)
    throw new UnreadableImport(
      `${file.name} has INSERT statements: make it again with COPY, as pg_dump does by default`,
    )
}

interface Block {
  table: string
  columns: string[]
}

function blockBegunBy(line: string): Block | undefined {
  const [, table, columns] = /^copy\s+([^\s(]+)\s*\(([^)]*)\)\s+from\s+stdin\b/i.exec(line) ?? []
  if (!table || !columns) return undefined
  return { table: unquoted(table), columns: columns.split(',').map((column) => unquoted(column.trim())) }
}

function unquoted(name: string): string {
  return name.replaceAll('"', '')
}

function rowIn({ columns }: Block, entry: ReadEntry<string>): ReadEntry<Row> {
  if ('refused' in entry) return entry
  const { line } = entry
  const fields = entry.value.split('\t')
  if (fields.length !== columns.length)
    return { line, refused: `${fields.length} fields for ${columns.length} columns` }
  const named = columns.map((column, at): [string, string | null] => [column, fieldValue(fields[at] ?? '')])
  return { line, value: Object.fromEntries(named) }
}

function fieldValue(field: string): string | null {
  return field === '\\N' ? null : unescaped(field)
}

const escapes: { [letter: string]: string } = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** As the document of COPY has it: a byte may be written in octal or hexadecimal, any other character stands for itself. */
function unescaped(field: string): string {
  return field.replaceAll(/(?:\\(?:[0-7]{1,3}|x[0-9a-f]{1,2}))+|\\(.)/gi, (sequence, letter?: string) =>
    letter === undefined ? bytesIn(sequence).toString() : (escapes[letter] ?? letter),
  )
}

function bytesIn(sequence: string): Buffer {
  const codes = sequence.split('\\').slice(1)
  return Buffer.from(
    codes.map((code) => (code.startsWith('x') ? parseInt(code.slice(1), 16) : parseInt(code, 8))),
  )
}
