import { CsvError, parse } from 'csv-parse'
import { type ImportFile, UnreadableImport } from '../format.ts'
import { maxEntryLength, type ReadEntry, type Row } from './entry.ts'
import { readText } from './text.ts'

export interface CsvOptions {
  /** What is between two fields; the one of comma, semicolon and tab that the first line has most of when not given. */
  delimiter?: string
}

/**
 * The rows of a CSV file whose first row names the columns; one with more or fewer fields is refused. A quote within a field
 * that has none around it stands for itself. Throws `UnreadableImport` when a column has no name or that of another one, or
 * a quote is not closed.
 */
export async function* readCsv(
  file: ImportFile,
  options: CsvOptions = {},
): AsyncGenerator<ReadEntry<Row>, void, undefined> {
  let columns: string[] | undefined
  for await (const { line, fields } of readRecords(file, options)) {
    if (!columns) columns = checkColumns(file, fields)
    else if (fields.length !== columns.length)
      yield { line, refused: `${fields.length} fields for ${columns.length} columns` }
    else yield { line, value: rowOf(columns, fields) }
  }
}

/** The rows of a CSV file without header. Throws `UnreadableImport` when a quote is not closed. */
export async function* readCsvFields(
  file: ImportFile,
  options: CsvOptions = {},
): AsyncGenerator<{ line: number; value: string[] }, void, undefined> {
  for await (const { line, fields } of readRecords(file, options)) yield { line, value: fields }
}

/** The names of the columns of a CSV file; none when it is empty. Throws `UnreadableImport` as `readCsv` does. */
export async function readCsvColumns(file: ImportFile, options: CsvOptions = {}): Promise<string[]> {
  for await (const { fields } of readRecords(file, options)) return checkColumns(file, fields)
  return []
}

function checkColumns(file: ImportFile, names: string[]): string[] {
  const columns = names.map((name) => name.trim())
  if (columns.includes('')) throw new UnreadableImport(`${file.name} has a column without a name`)
  if (new Set(columns).size < columns.length)
    throw new UnreadableImport(`${file.name} has two columns of one name`)
  return columns
}

/** Made so that a column can be called `__proto__`. */
function rowOf(columns: string[], fields: string[]): Row {
  return Object.fromEntries(columns.map((column, at) => [column, fields[at] ?? '']))
}

interface CsvRecord {
  line: number
  fields: string[]
}

async function* readRecords(
  file: ImportFile,
  { delimiter }: CsvOptions,
): AsyncGenerator<CsvRecord, void, undefined> {
  const text = await withFirstLine(readText(file))
  const parser = recordParser(delimiter ?? delimiterIn(text.firstLine))
  try {
    for await (const piece of text.pieces) yield* await parser.add(piece)
    yield* await parser.end()
  } catch (error) {
    if (error instanceof CsvError) throw new UnreadableImport(`${file.name} ${brokenCsv(error)}`)
    throw error
  }
}

/** The parser's own words quote the file. */
function brokenCsv(error: CsvError): string {
  const line = Number('lines' in error && error.lines)
  return error.code === 'CSV_MAX_RECORD_SIZE'
    ? `has a row of more than 1 MiB, up to line ${line}; perhaps a quote is not closed`
    : `has a quote that is not closed, and ends on line ${line}`
}

/** The parser is a stream, but all that it makes of a piece is there once the piece is written. */
function recordParser(delimiter: string) {
  let records: CsvRecord[] = []
  let line = 1
  const parser = parse({
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: maxEntryLength,
    on_record: (fields: string[], { lines }) => {
      const isBlank = fields.length === 1 && fields[0] === ''
      if (!isBlank) records.push({ line, fields })
      line = lines + 1
      return undefined
    },
  })
  const failed = new Promise<never>((_, reject) => parser.once('error', reject))
  failed.catch(() => {})
  const taken = async (written: Promise<void>): Promise<CsvRecord[]> => {
    await Promise.race([written, failed])
    const found = records
    records = []
    return found
  }
  return {
    add: (text: string) => taken(new Promise((resolve) => parser.write(text, () => resolve()))),
    end: () => taken(new Promise((resolve) => parser.resume().end(() => resolve()))),
  }
}

/** The pieces, the first of which has the first line as a whole, or more than 1 MiB of it. */
async function withFirstLine(
  pieces: AsyncGenerator<string, void, undefined>,
): Promise<{ firstLine: string; pieces: AsyncIterable<string> }> {
  let start = ''
  while (!start.includes('\n') && start.length <= maxEntryLength) {
    const { done, value } = await pieces.next()
    if (done) break
    start += value
  }
  return { firstLine: start.split('\n', 1)[0] ?? '', pieces: following(start, pieces) }
}

async function* following(start: string, pieces: AsyncGenerator<string, void, undefined>) {
  yield start
  yield* pieces
}

/** Commas win where it is undecided. */
function delimiterIn(line: string): string {
  const unquoted = line.replaceAll(/"[^"]*"/g, '')
  const counted = [',', ';', '\t'].map((delimiter) => ({
    delimiter,
    count: unquoted.split(delimiter).length - 1,
  }))
  return counted.reduce((most, next) => (next.count > most.count ? next : most)).delimiter
}
