import { runStatements, type SchemaChange } from './migrate.ts'

/** The IPs from which another system has seen the owners of accounts that came from there. */
export const knownAddresses: SchemaChange = {
  up: (db) => runStatements(db, statements),
}

const statements = [
  `create table known_addresses (
    realm text not null,
    account_id text not null references accounts (id) on delete cascade,
    ip text not null,
    imported_at bigint not null,
    constraint known_addresses_account primary key (account_id, ip)
  )`,
  `create index known_addresses_imported on known_addresses (imported_at)`,
]
