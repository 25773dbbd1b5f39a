import { runStatements, type SchemaChange } from './migrate.ts'

/** What OpenID Connect keeps: artifacts of the protocol, consents, and what the sessions of its clients are of. */
export const openid: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  `alter table sessions add column parent_id text`,
  `alter table sessions add column grant_id text`,
  `alter table sessions add column openid text`,
  `alter table sessions add column tell_end integer`,
  `create index sessions_parent on sessions (parent_id) where parent_id is not null`,
  `create index sessions_grant on sessions (grant_id) where grant_id is not null`,
  `create index sessions_tell_end on sessions (realm, ended_at) where tell_end = 1 and ended_at is not null`,
  `alter table jobs add column target text`,
  `alter table clients add column previous_secret_hash text`,
  `alter table clients add column previous_secret_ends_at bigint`,
  `create table openid_artifacts (
    realm text not null,
    id text not null,
    kind text not null,
    uid_hash text,
    user_code_hash text,
    grant_id text,
    account_id text references accounts (id) on delete cascade,
    session_id text,
    payload_sealed text not null,
    sealed_under text not null,
    created_at bigint not null,
    expires_at bigint not null,
    consumed_at bigint,
    constraint openid_artifacts_id primary key (realm, id)
  )`,
  `create unique index openid_artifacts_uid on openid_artifacts (realm, kind, uid_hash) where uid_hash is not null`,
  `create unique index openid_artifacts_user_code on openid_artifacts (realm, kind, user_code_hash)
    where user_code_hash is not null`,
  `create index openid_artifacts_grant on openid_artifacts (grant_id) where grant_id is not null`,
  `create index openid_artifacts_account on openid_artifacts (account_id) where account_id is not null`,
  `create index openid_artifacts_expires_at on openid_artifacts (expires_at)`,
  `create table openid_consents (
    realm text not null,
    account_id text not null references accounts (id) on delete cascade,
    client_id text not null,
    scopes text not null,
    granted_at bigint not null,
    constraint openid_consents_id primary key (realm, account_id, client_id)
  )`,
]
