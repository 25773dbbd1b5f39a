import { type SqlBool, sql } from 'kysely'

/** Rows of a realm, written as the indexes of lists have it (`009-console-lists`). */
export function inRealm(realm: string) {
  return sql<SqlBool>`realm || '' = ${realm}`
}
