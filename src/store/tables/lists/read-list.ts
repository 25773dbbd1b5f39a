import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { compareBytes } from '../../../lib/compare-bytes.ts'
import { engineOf } from '../../engine-of.ts'
import { literal } from '../../literal.ts'
import type { Schema } from '../../schema.ts'
import type { Database } from '../../types.ts'

/** Rows that one look reads at most, however few of them it is after. */
const maxRead = 2_000

type Condition = RawBuilder<SqlBool>

/** Where a list is read on from, and which way. */
export interface Reading {
  /** The key behind which it begins; the beginning of the list when not given. */
  from?: string
  /** Against the order of the list. */
  isUp?: boolean
  max: number
}

/** A part of a list, in the order that it was read in. */
export interface Part<Row> {
  rows: Row[]
  /** The key that the look has got to, where it has given up before it had all that it wanted. */
  stoppedAt?: string
}

interface List extends Reading {
  /** Whose order it is. SQLite is told so, as it would take the order of ids where most rows are of one realm. */
  index: string
  /** What the index knows: those rows are read along it. */
  where: Condition[]
  /** What it does not know: of the next 2,000 rows those are taken that are so. */
  only?: Condition[]
  /** The last column of the index. */
  key: RawBuilder<string>
  /** From the highest key to the lowest one. */
  isDescending?: boolean
  /** The row of `from` is among them. */
  isIncluded?: boolean
  /** The lowest key that there may be, and one that all must be below. */
  between?: { least?: string | undefined; below?: string | undefined }
}

/** Reads the next rows of a list in the order of an index, and never many more than it returns. */
export async function readList<Table extends 'accounts' | 'sessions' | 'audit' | 'jobs'>(
  db: Database,
  table: Table,
  list: List,
): Promise<Part<Schema[Table]>> {
  const { index, only = [], key, max } = list
  const direction = isDown(list) ? sql`desc` : sql`asc`
  const all = [...list.where, ...boundsOf(list)]
  const along = engineOf(db) === 'sqlite' ? sql`indexed by ${sql.id(index)}` : sql``
  const rest = sql`from ${sql.table(table)} ${along} where ${and(all)} order by ${key} ${direction}`
  if (only.length === 0) return { rows: await rowsOf<Table>(db, sql`select * ${rest} limit ${literal(max)}`) }

  const read = sql`select * ${rest} limit ${literal(maxRead)}`
  const found = sql`select * from (${read}) as looked_at where ${and(only)} order by ${key} ${direction}`
  const rows = await rowsOf<Table>(db, sql`${found} limit ${literal(max)}`)
  if (rows.length >= max) return { rows }
  const last = sql<{ key: string }>`select ${key} as key ${rest} limit 1 offset ${literal(maxRead - 1)}`
  return { rows, stoppedAt: (await last.execute(db)).rows[0]?.key }
}

/** Whether the keys that are read get lower. */
function isDown({ isUp = false, isDescending = false }: List): boolean {
  return isDescending !== isUp
}

/** One bound at each end: of two at one end SQLite begins at the first, and reads what is between them. */
function boundsOf(list: List): Condition[] {
  const { key, from, between: { least, below } = {}, isIncluded = false } = list
  const down = isDown(list)
  const isUpper = from !== undefined && down && (below === undefined || compareBytes(from, below) < 0)
  const isLower = from !== undefined && !down && (least === undefined || compareBytes(from, least) >= 0)
  const bounds: Condition[] = []
  if (isUpper) bounds.push(isIncluded ? sql`${key} <= ${from}` : sql`${key} < ${from}`)
  else if (below !== undefined) bounds.push(sql`${key} < ${below}`)
  if (isLower) bounds.push(isIncluded ? sql`${key} >= ${from}` : sql`${key} > ${from}`)
  else if (least !== undefined) bounds.push(sql`${key} >= ${least}`)
  return bounds
}

async function rowsOf<Table extends keyof Schema>(
  db: Database,
  query: RawBuilder<unknown>,
): Promise<Schema[Table][]> {
  return (await (query as RawBuilder<Schema[Table]>).execute(db)).rows
}

function and(conditions: Condition[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.join(conditions, sql` and `)}`
}
