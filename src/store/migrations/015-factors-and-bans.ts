import type { Engine } from '../types.ts'
import { runStatements, type SchemaChange } from './migrate.ts'

/**
 * Ids and names of authenticators, accounts that are disabled for a time, when somebody was invited, and the order of
 * accounts by their age, in which they are paged by number.
 */
export const factorsAndBans = (engine: Engine): SchemaChange => ({
  up: (db) => runStatements(db, statements(engine === 'postgres' ? 'collate "C"' : '')),
})

const statements = (collation: '' | 'collate "C"') => [
  'alter table totp add column id text',
  'alter table totp add column name text',
  'alter table totp add column challenged_at bigint',
  'alter table accounts add column disabled_until bigint',
  'alter table accounts add column invited_at bigint',
  'create index accounts_disabled_until on accounts (disabled_until) where disabled_until is not null',
  // The realm written as in the other orders of lists, so that this one serves lists alone.
  `create index accounts_by_age on accounts ((realm || ''), created_at, id ${collation})`,
]
