import { runStatements, type SchemaChange } from './migrate.ts'

/** What a hook has the tokens of a session say, for as long as the session lasts. */
export const hookClaims: SchemaChange = {
  up: (db) => runStatements(db, [`alter table sessions add column claims text`]),
}
