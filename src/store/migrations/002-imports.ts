import { runStatements, type SchemaChange } from './migrate.ts'

/** What accounts bring along from another system, and the runs of `manydoors import` that brought them. */
export const imports: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  // Set while the hash is one that another system made: its kind and cost.
  `alter table accounts add column password_kind text`,
  // The dialect whose old server knows the password, while there is no hash.
  `alter table accounts add column password_pending text`,
  `alter table accounts add column attributes text`,
  `create index accounts_password_kind on accounts (realm, password_kind, id) where password_kind is not null`,
  `create index accounts_password_pending on accounts (realm, password_pending)
    where password_pending is not null`,
  `create table import_runs (
    id text primary key not null,
    realm text not null,
    source text not null,
    format text not null,
    files text not null,
    options text not null,
    position bigint not null,
    counts text not null,
    started_at bigint not null,
    finished_at bigint,
    undone_at bigint
  )`,
  // Also the names that providers have for a person: their source is \`identity:<provider>\`.
  `create table legacy_links (
    realm text not null,
    source text not null,
    source_id text not null,
    account_id text not null references accounts (id) on delete cascade,
    run_id text,
    created_account bigint not null,
    place text,
    linked_at bigint not null,
    constraint legacy_links_source primary key (realm, source, source_id)
  )`,
  `create index legacy_links_account on legacy_links (account_id)`,
  `create index legacy_links_run on legacy_links (run_id, account_id) where run_id is not null`,
  // Secrets that hashes of another system were made with: a pepper, a signer key.
  `create table hash_secrets (
    realm text not null,
    id text primary key not null,
    secret_sealed text not null,
    sealed_under text not null,
    created_at bigint not null
  )`,
]
