import { type RawBuilder, sql } from 'kysely'
import { engineOf } from '../../engine-of.ts'
import type { Database } from '../../types.ts'

/** The columns of given rows, with their types. */
export type GivenColumns = Record<string, 'text' | 'bigint'>

/**
 * Rows that a statement is given, to stand behind its FROM under the name `given`: any number of them in one parameter,
 * so that the text of the statement is always the same, and no limit of parameters is met.
 */
export function givenRows<Columns extends GivenColumns>(
  db: Database,
  columns: Columns,
  rows: { [name in keyof Columns]: string | number | null }[],
): RawBuilder<unknown> {
  const json = JSON.stringify(rows)
  const names = Object.keys(columns)
  if (engineOf(db) === 'postgres') {
    const typed = names.map((name) => sql`${sql.ref(name)} ${sql.raw(columns[name] ?? 'text')}`)
    return sql`json_to_recordset(${json}::json) as given(${sql.join(typed)})`
  }
  const values = names.map((name) => sql`fields ->> ${sql.lit(`$.${name}`)} as ${sql.ref(name)}`)
  // As JSONB a row is read once, and not anew for each of its columns.
  return sql`(with parsed as materialized (select jsonb(value) as fields from json_each(${json}))
    select ${sql.join(values)} from parsed) as given`
}

/** The names of columns, for a statement that puts given rows into a table. */
function namesOf(columns: GivenColumns): RawBuilder<unknown> {
  return sql.join(Object.keys(columns).map((name) => sql.ref(name)))
}

/** The values of given rows, in the order of `namesOf`. */
function givenValues(columns: GivenColumns): RawBuilder<unknown> {
  return sql.join(Object.keys(columns).map((name) => sql.ref(`given.${name}`)))
}

/** Adds given rows to a table of one realm, but for those that are there; says how many it has added. */
export async function addGiven<Columns extends GivenColumns>(
  db: Database,
  { table, realm, columns }: { table: string; realm: string; columns: Columns },
  rows: { [name in keyof Columns]: string | number | null }[],
): Promise<number> {
  if (rows.length === 0) return 0
  // Without a condition SQLite would take ON CONFLICT for that of a join.
  const { numAffectedRows } = await sql`insert into ${sql.table(table)} (realm, ${namesOf(columns)})
    select ${realm}, ${givenValues(columns)} from ${givenRows(db, columns, rows)} where true
    on conflict do nothing`.execute(db)
  return Number(numAffectedRows ?? 0)
}
