import { type RawBuilder, sql } from 'kysely'

/**
 * A number of our own in the text of a statement. SQLite plans a statement anew each time that the parameter of its
 * `limit` is given another time, which takes longer than to run most of them.
 */
export function literal(number: number): RawBuilder<number> {
  return sql.lit(number)
}
