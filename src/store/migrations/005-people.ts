import { runStatements, type SchemaChange } from './migrate.ts'

/** What people keep at their accounts by themselves: passkeys, trusted devices, their language, and how they have signed in. */
export const people: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  `alter table accounts add column language text`,
  `alter table accounts add column time_zone text`,
  `alter table accounts add column deletion_due_at bigint`,
  `alter table accounts add column deletion_claimed_at bigint`,
  `alter table sessions add column proven_at bigint`,
  `alter table sessions add column methods text`,
  `create index accounts_deletion_due on accounts (realm, deletion_due_at) where deletion_due_at is not null`,
  `create table passkeys (
    realm text not null,
    id text not null,
    account_id text not null references accounts (id) on delete cascade,
    rp_id text not null,
    public_key text not null,
    counter bigint not null,
    transports text not null,
    aaguid text not null,
    backup_eligible integer not null,
    backed_up integer not null,
    name text not null,
    user_agent text,
    created_at bigint not null,
    last_used_at bigint,
    suspected_at bigint,
    constraint passkeys_id primary key (realm, id)
  )`,
  `create index passkeys_account on passkeys (account_id)`,
  `create table trusted_devices (
    realm text not null,
    id text not null,
    account_id text not null references accounts (id) on delete cascade,
    hash text not null,
    device text,
    ip text,
    created_at bigint not null,
    expires_at bigint not null,
    constraint trusted_devices_id primary key (realm, id)
  )`,
  `create index trusted_devices_account on trusted_devices (account_id)`,
  `create index trusted_devices_expires_at on trusted_devices (expires_at)`,
]
