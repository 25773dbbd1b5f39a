import type { Engine } from '../types.ts'
import { runStatements, type SchemaChange } from './migrate.ts'

/**
 * Ids and names of authenticators, several of them for an account, accounts that are disabled for a time, when somebody
 * was invited, and the order of accounts by their age, in which they are paged by number.
 */
export const factorsAndBans = (engine: Engine): SchemaChange => ({
  up: (db) => runStatements(db, statements(engine === 'postgres' ? 'collate "C"' : '')),
})

const statements = (collation: '' | 'collate "C"') => [
  'alter table totp add column id text',
  'alter table totp add column name text',
  'alter table totp add column challenged_at bigint',
  // Beside the one of an account that the release before knows.
  `create table authenticators (
    id text primary key not null,
    realm text not null,
    account_id text not null references accounts (id) on delete cascade,
    name text not null,
    secret_sealed text not null,
    sealed_under text not null,
    created_at bigint not null,
    confirmed_at bigint,
    last_step bigint,
    challenged_at bigint
  )`,
  'create index authenticators_account on authenticators (account_id)',
  'create index authenticators_pending on authenticators (created_at) where confirmed_at is null',
  'create index authenticators_sealed on authenticators (sealed_under, id)',
  'alter table accounts add column disabled_until bigint',
  'alter table accounts add column invited_at bigint',
  'create index accounts_disabled_until on accounts (disabled_until) where disabled_until is not null',
  // The realm written as in the other orders of lists, so that this one serves lists alone.
  `create index accounts_by_age on accounts ((realm || ''), created_at, id ${collation})`,
]
