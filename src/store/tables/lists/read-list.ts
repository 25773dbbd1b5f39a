import { type RawBuilder, type SqlBool, sql } from 'kysely'
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
}

/** Reads the next rows of a list in the order of an index, and never many more than it returns. */
export async function readList<Table extends 'accounts' | 'sessions' | 'audit' | 'jobs'>(
  db: Database,
  table: Table,
  { index, where, only = [], key, from, isUp = false, isDescending = false, isIncluded = false, max }: List,
): Promise<Part<Schema[Table]>> {
  const isDown = isDescending !== isUp
  const direction = isDown ? sql`desc` : sql`asc`
  const operator = sql.raw((isDown ? '<' : '>') + (isIncluded ? '=' : ''))
  const all = from === undefined ? where : [...where, sql<SqlBool>`${key} ${operator} ${from}`]
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

async function rowsOf<Table extends keyof Schema>(
  db: Database,
  query: RawBuilder<unknown>,
): Promise<Schema[Table][]> {
  return (await (query as RawBuilder<Schema[Table]>).execute(db)).rows
}

function and(conditions: Condition[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.join(conditions, sql` and `)}`
}
