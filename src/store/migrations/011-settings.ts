import { runStatements, type SchemaChange } from './migrate.ts'

/** What operators have set while servers ran, after the settings file: of a realm, and under an empty name of all of them. */
export const settings: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  `create table settings (
    realm text not null,
    name text not null,
    value text not null,
    set_at bigint not null,
    actor text,
    constraint settings_id primary key (realm, name)
  )`,
]
