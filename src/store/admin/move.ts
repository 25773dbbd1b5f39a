import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import type { Database } from '../types.ts'

/** Both databases at once: one that nobody writes to, and a transaction on the other. */
export interface Move {
  source: DatabaseSync
  target: Database
  /** Receives how many rows of a table are there already, of how many. */
  onProgress(table: string, done: number, total: number): void
}

export interface MovedTable {
  name: string
  rows: number
}

/** The databases are not what a move needs, or are not the same after it; nothing of the target was kept. */
export class MoveRefused extends Error {}

interface Column {
  name: string
  /** PostgreSQL's name of it. */
  type: string
}

interface Table {
  name: string
  columns: Column[]
}

const batchSize = 2000

/**
 * Copies every row of every table from SQLite into the empty tables of PostgreSQL, and compares the two: as many
 * rows in each table, and each of them the same. Throws `MoveRefused`.
 */
export async function moveRows(move: Move): Promise<MovedTable[]> {
  const { source, target } = move
  const tables = await matchTables(source, target)
  // Whoever starts on the target meanwhile waits.
  for (const { name } of tables) await sql`lock table ${sql.table(name)} in exclusive mode`.execute(target)
  const used: string[] = []
  for (const { name } of tables) if (!(await isEmpty(target, name))) used.push(name)
  if (used.length > 0) throw new MoveRefused(`the target is not empty: it has rows in ${used.join(', ')}`)

  const moved: MovedTable[] = []
  for (const table of tables) {
    const { name } = table
    const { rows, checksum } = await copyTable(move, table)
    const arrived = await sumUp(target, table)
    if (arrived.rows !== rows)
      throw new MoveRefused(`of ${rows} rows of ${name} only ${arrived.rows} have arrived`)
    if (arrived.checksum !== checksum) throw new MoveRefused(`${name} is not the same on the other side`)
    moved.push({ name, rows })
  }
  return moved
}

/** Says which changes a database has: the target has its own. */
const bookkeeping = 'schema_changes'

/** The tables of SQLite, each after those that it refers to. */
function inOrderOfReferences(source: DatabaseSync): string[] {
  const names = source
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`)
    .all()
    .map(({ name }) => String(name))
    .filter((name) => name !== bookkeeping)
    .sort()
  const ordered = new Set<string>()
  const visit = (table: string, path: string[]) => {
    if (ordered.has(table) || path.includes(table)) return
    const parents = source
      .prepare('SELECT DISTINCT "table" AS parent FROM pragma_foreign_key_list(?)')
      .all(table)
    for (const { parent } of parents) visit(String(parent), [...path, table])
    ordered.add(table)
  }
  for (const name of names) visit(name, [])
  return [...ordered]
}

/** Of every table of ours in PostgreSQL. */
async function columnsOf(target: Database): Promise<Map<string, Column[]>> {
  const { rows } = await sql<{ table: string; name: string; type: string }>`
    select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relkind = 'r' and pg_table_is_visible(c.oid) and c.relnamespace = current_schema()::regnamespace
      and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`.execute(target)
  const columns = new Map<string, Column[]>()
  for (const { table, name, type } of rows)
    if (table !== bookkeeping) columns.set(table, [...(columns.get(table) ?? []), { name, type }])
  return columns
}

/** The tables of both, each after those that it refers to. Nothing may be left behind for want of a place. */
async function matchTables(source: DatabaseSync, target: Database): Promise<Table[]> {
  const columnsByTable = await columnsOf(target)
  return inOrderOfReferences(source).map((name) => {
    const columns = columnsByTable.get(name)
    if (!columns) throw new MoveRefused(`the target has no table ${name}`)
    const known = new Set(columns.map((column) => column.name))
    for (const column of source.prepare('SELECT name FROM pragma_table_info(?)').all(name))
      if (!known.has(String(column.name)))
        throw new MoveRefused(`${name} of the target has no column ${column.name}`)
    return { name, columns }
  })
}

async function isEmpty(target: Database, table: string): Promise<boolean> {
  const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(target)
  return rows.length === 0
}

async function copyTable(
  { source, target, onProgress }: Move,
  table: Table,
): Promise<{ rows: number; checksum: bigint }> {
  const { name, columns } = table
  const list = columns.map((column) => `"${column.name}"`).join(', ')
  const total = Number(source.prepare(`SELECT count(*) AS rows FROM "${name}"`).get()?.rows)
  const select = source.prepare(`SELECT ${list} FROM "${name}"`)
  select.setReadBigInts(true)
  let batch: (string | null)[][] = []
  let rows = 0
  let checksum = 0n

  const flush = async () => {
    await insert(target, table, batch)
    rows += batch.length
    batch = []
    onProgress(name, rows, total)
  }
  onProgress(name, 0, total)
  for (const row of select.iterate()) {
    const values = columns.map((column) => asText(row[column.name], `${name}.${column.name}`))
    checksum += digestOf(values)
    batch.push(values)
    if (batch.length === batchSize) await flush()
  }
  if (batch.length > 0) await flush()
  return { rows, checksum }
}

function asText(value: unknown, column: string): string | null {
  if (value === null || value === undefined) return null
  if (typeof value !== 'string' && typeof value !== 'bigint')
    throw new MoveRefused(`${column} has a value that is neither text nor a whole number`)
  const text = String(value)
  if (text.includes('\0'))
    throw new MoveRefused(`${column} has a NUL character, which PostgreSQL cannot keep`)
  return text
}

/** One array a column, so that the statement is the same for any number of rows. */
async function insert(target: Database, { name, columns }: Table, rows: (string | null)[][]): Promise<void> {
  const names = sql.join(columns.map(({ name }) => sql.ref(name)))
  const arrays = columns.map(({ type }, index) => {
    const values = rows.map((row) => row[index] ?? null)
    return sql`${sql.val(values)}::${sql.raw(type)}[]`
  })
  await sql`insert into ${sql.table(name)} (${names}) select * from unnest(${sql.join(arrays)})`.execute(
    target,
  )
}

/** A number that is another for another row, in the order of the columns. The sum of all does not mind their order. */
function digestOf(values: (string | null)[]): bigint {
  const text = values
    .map((value) => (value === null ? '-' : `${Buffer.byteLength(value)}:${value}`))
    .join('|')
  return BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 15)}`)
}

/** The rows of a table and the sum of their digests, by PostgreSQL. */
async function sumUp(
  target: Database,
  { name, columns }: Table,
): Promise<{ rows: number; checksum: bigint }> {
  const texts = columns.map(({ name }) => {
    const text = sql`${sql.ref(name)}::text`
    return sql`coalesce(octet_length(${text})::text || ':' || ${text}, '-')`
  })
  const digest = sql`encode(sha256(convert_to(concat_ws('|', ${sql.join(texts)}), 'UTF8')), 'hex')`
  const { rows } = await sql<{ rows: number; checksum: string }>`
    select count(*) as rows, coalesce(sum(('x' || substr(${digest}, 1, 15))::bit(60)::bigint), 0)::text as checksum
    from ${sql.table(name)}`.execute(target)
  return { rows: Number(rows[0]?.rows), checksum: BigInt(rows[0]?.checksum ?? 0) }
}
