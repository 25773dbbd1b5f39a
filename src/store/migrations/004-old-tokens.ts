import { runStatements, type SchemaChange } from './migrate.ts'

/** The sessions of another system that are gone on with, and since when an account's are not any more. */
export const oldTokens: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  `create table legacy_sessions (
    realm text not null,
    source text not null,
    hash text not null,
    account_id text not null references accounts (id) on delete cascade,
    client_id text,
    session_id text,
    created_at bigint not null,
    expires_at bigint not null,
    consumed_at bigint,
    constraint legacy_sessions_token primary key (realm, source, hash)
  )`,
  `create index legacy_sessions_account on legacy_sessions (account_id)`,
  `create index legacy_sessions_expires_at on legacy_sessions (expires_at)`,
  `create table legacy_endings (
    realm text not null,
    account_id text not null references accounts (id) on delete cascade,
    dialect text not null,
    ended_at bigint not null,
    constraint legacy_endings_account primary key (account_id, dialect)
  )`,
]
