import type { Engine } from '../types.ts'
import { runStatements, type SchemaChange } from './migrate.ts'

/** Every table of the first release. */
export const core = (engine: Engine): SchemaChange => ({
  async up(db) {
    const statements = [
      ...accounts,
      // Always found by id: without the hidden row number a lookup walks one tree and not two.
      engine === 'sqlite' ? `${sessions} without rowid` : sessions,
      ...sessionIndexes,
      ...tickets,
      ...clients,
      ...jobs,
      ...keys,
      ...audit,
      ...secondFactors,
      ...(engine === 'postgres' ? limits : []),
    ]
    await runStatements(db, statements)
  },
})

const accounts = [
  `create table accounts (
    id text primary key not null,
    realm text not null,
    username text,
    username_key text,
    email text,
    email_verified_at bigint,
    email_seen_through text,
    phone text,
    phone_verified_at bigint,
    password_hash text,
    password_changed_at bigint,
    last_sign_in_at bigint,
    disabled_at bigint,
    profile text not null,
    signed_up_through text,
    created_at bigint not null,
    updated_at bigint not null,
    constraint accounts_email unique (realm, email),
    constraint accounts_username unique (realm, username_key),
    constraint accounts_phone unique (realm, phone)
  )`,
]

const sessions = `create table sessions (
  id text primary key not null,
  realm text not null,
  account_id text not null references accounts (id) on delete cascade,
  client_id text not null,
  dialect text not null,
  generation bigint not null,
  rotated_at bigint not null,
  created_at bigint not null,
  last_used_at bigint not null,
  idle_expires_at bigint not null,
  absolute_expires_at bigint not null,
  user_agent text,
  device text,
  ip text,
  second_factor_at bigint,
  master_key_id text not null,
  ended_at bigint,
  ended_why text
)`

const sessionIndexes = [
  `create index sessions_account on sessions (account_id, created_at)`,
  // Nothing that a refresh changes, so that it writes no index.
  `create index sessions_unended on sessions (account_id, dialect, created_at, id) where ended_at is null`,
]

const tickets = [
  `create table tickets (
    realm text not null,
    kind text not null,
    subject text not null,
    hash text not null,
    account_id text references accounts (id) on delete cascade,
    client_id text,
    dialect text,
    payload text not null,
    attempts bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    consumed_at bigint,
    guess_limit bigint,
    asked_from text,
    asker_attempts bigint not null default 0,
    constraint tickets_subject primary key (realm, kind, subject),
    constraint tickets_hash unique (realm, kind, hash)
  )`,
  `create index tickets_account on tickets (account_id)`,
  `create index tickets_expires on tickets (expires_at)`,
  `create index tickets_asked_from on tickets (asked_from) where asked_from is not null`,
]

const clients = [
  `create table clients (
    realm text not null,
    dialect text not null,
    id text not null,
    kind text not null,
    origins text not null,
    redirect_uris text not null,
    front_end_url text,
    brand text not null,
    settings text not null,
    declared_at bigint,
    secret_hash text,
    secret_set_at bigint,
    constraint clients_id primary key (realm, dialect, id)
  )`,
  `create table guess_counts (
    realm text not null,
    dialect text not null,
    client_id text not null,
    failures bigint not null,
    constraint guess_counts_client primary key (realm, dialect, client_id)
  )`,
]

const jobs = [
  `create table jobs (
    id text primary key not null,
    realm text not null,
    kind text not null,
    payload text not null,
    run_at bigint not null,
    attempts bigint not null,
    leased_until bigint,
    last_error text,
    created_at bigint not null,
    done_at bigint,
    dead_at bigint
  )`,
  `create index jobs_waiting on jobs (run_at) where done_at is null and dead_at is null`,
  `create index jobs_done_at on jobs (done_at) where done_at is not null`,
  `create index jobs_dead_at on jobs (dead_at) where dead_at is not null`,
]

const keys = [
  `create table signing_keys (
    realm text not null,
    sequence bigint not null,
    id text not null,
    algorithm text not null,
    public_jwk text not null,
    private_sealed text not null,
    sealed_under text not null,
    created_at bigint not null,
    activated_at bigint,
    retired_at bigint,
    constraint signing_keys_sequence primary key (realm, sequence)
  )`,
  `create table retained_keys (
    id text primary key not null,
    keys_sealed text not null,
    sealed_under text not null,
    created_at bigint not null
  )`,
]

const audit = [
  `create table audit (
    id text primary key not null,
    realm text not null,
    at bigint not null,
    event text not null,
    outcome text not null,
    actor text,
    account_id text,
    subject text,
    session_id text,
    client_id text,
    dialect text,
    ip text,
    detail text
  )`,
  `create index audit_account on audit (account_id, at)`,
  `create index audit_subject on audit (subject) where subject is not null`,
]

const secondFactors = [
  `create table totp (
    realm text not null,
    account_id text primary key not null references accounts (id) on delete cascade,
    secret_sealed text not null,
    sealed_under text not null,
    created_at bigint not null,
    confirmed_at bigint,
    last_step bigint
  )`,
  `create index totp_pending on totp (created_at) where confirmed_at is null`,
  `create index totp_sealed on totp (sealed_under, account_id)`,
  `create table recovery_codes (
    realm text not null,
    account_id text not null references accounts (id) on delete cascade,
    hash text not null,
    hashed_under text not null,
    created_at bigint not null,
    consumed_at bigint,
    constraint recovery_codes_hash primary key (account_id, hash)
  )`,
]

/**
 * Counts of attempts, shared by all processes, as rate-limiter-flexible wants them. Unlogged: a count is not worth a
 * flush to the disk, and after a crash of the database it may begin anew.
 */
const limits = [
  `create unlogged table limits (
    key text primary key not null,
    points integer not null,
    expire bigint not null
  )`,
  `create index limits_expire on limits (expire)`,
]
