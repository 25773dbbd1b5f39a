import type { Engine } from '../types.ts'
import { runStatements, type SchemaChange } from './migrate.ts'

/**
 * The orders in which the lists of the console are read. What a refresh changes is in none of them: so it writes no
 * index, and sessions are listed by when they were opened and not by their last use.
 */
export const consoleLists = (engine: Engine): SchemaChange => ({
  up: (db) =>
    runStatements(db, engine === 'postgres' ? [...indexes('collate "C"'), ...prefixes] : indexes('')),
})

/**
 * Whom a message is for, which its payload alone says: an account by its id, an address or a number by a few of its
 * characters. Not the whole of it, of which a page of an index may keep a copy when the message is deleted.
 */
const recipientOf = (of: (field: string) => string) =>
  `coalesce(${of('accountId')},
    substr(${of('email')}, 1, 3) || cast(length(${of('email')}) as text),
    substr(${of('phone')}, length(${of('phone')}) - 3))`

const fieldOf: Record<Engine, (field: string) => string> = {
  sqlite: (field) => `json_extract(payload, '$.${field}')`,
  postgres: (field) => `(payload::jsonb ->> '${field}')`,
}

/**
 * The realm, written so that these indexes serve lists alone: every other query names the realm, too, and without statistics
 * SQLite would take that for more than the account or the name that it is about.
 */
const ofLists = `(realm || '')`

/** On PostgreSQL by bytes, as texts are compared there by the rules of a language else: `aa` may be behind `z`. */
const indexes = (collation: '' | 'collate "C"') => [
  `create index accounts_listed on accounts (${ofLists}, id ${collation})`,
  `create index accounts_unverified on accounts (${ofLists}, id ${collation})
    where email_verified_at is null and phone_verified_at is null`,
  `create index accounts_disabled on accounts (${ofLists}, id ${collation}) where disabled_at is not null`,
  `create index accounts_leaving on accounts (${ofLists}, id ${collation}) where deletion_due_at is not null`,
  `create index sessions_listed on sessions (${ofLists}, id ${collation}) where ended_at is null`,
  `create index sessions_of_client on sessions (${ofLists}, dialect, client_id, id ${collation}) where ended_at is null`,
  `create index sessions_of_ip on sessions (${ofLists}, ip, id ${collation}) where ended_at is null and ip is not null`,
  `create index audit_listed on audit (${ofLists}, id ${collation})`,
  `create index audit_of_event on audit (${ofLists}, event, id ${collation})`,
  `create index audit_of_ip on audit (${ofLists}, ip, id ${collation}) where ip is not null`,
  `create index audit_of_actor on audit (${ofLists}, actor, id ${collation}) where actor is not null`,
  `create index jobs_of_recipient on jobs
    ((${recipientOf(fieldOf[collation === '' ? 'sqlite' : 'postgres'])}), id ${collation})`,
]

/** SQLite compares by bytes as it is: there the unique constraints serve. */
const prefixes = [
  `create index accounts_email_prefix on accounts (realm, email collate "C") where email is not null`,
  `create index accounts_username_prefix on accounts (realm, username_key collate "C") where username_key is not null`,
  `create index accounts_phone_prefix on accounts (realm, phone collate "C") where phone is not null`,
]
