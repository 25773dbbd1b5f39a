import { runStatements, type SchemaChange } from './migrate.ts'

/** Who runs this server: operators, the tokens of their programs, and why they did what the audit trail tells. */
export const operators: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  `alter table audit add column note text`,
  `create table operators (
    realm text not null,
    account_id text not null references accounts (id) on delete cascade,
    name text not null,
    role text not null,
    realms text,
    invited_by text,
    created_at bigint not null,
    constraint operators_id primary key (realm, account_id)
  )`,
  `create table admin_tokens (
    realm text not null,
    id text not null,
    hash text not null,
    name text not null,
    scopes text not null,
    realms text,
    made_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    last_used_at bigint,
    last_used_ip text,
    constraint admin_tokens_id primary key (realm, id)
  )`,
  `create unique index admin_tokens_hash on admin_tokens (realm, hash)`,
]
