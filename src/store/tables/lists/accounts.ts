import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { AccountRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { byBytes } from './by-bytes.ts'
import { inRealm } from './in-realm.ts'
import { type Part, type Reading, readList } from './read-list.ts'

/** What becomes of an account. `unverified`: nothing that it is called is proven; `leaving`: it waits for its deletion. */
export type AccountState = 'open' | 'unverified' | 'disabled' | 'leaving'

/** The columns that accounts are looked for by. */
export type NameColumn = 'email' | 'username_key' | 'phone'

/** SQLite's own for what is unique, by which it compares bytes as well. */
const indexOf: Record<NameColumn, string> = {
  email: 'sqlite_autoindex_accounts_2',
  username_key: 'sqlite_autoindex_accounts_3',
  phone: 'sqlite_autoindex_accounts_4',
}

type Condition = RawBuilder<SqlBool>

const isIn: Record<AccountState, Condition[]> = {
  open: [sql`disabled_at is null`],
  unverified: [sql`email_verified_at is null`, sql`phone_verified_at is null`],
  disabled: [sql`disabled_at is not null`],
  leaving: [sql`deletion_due_at is not null`],
}

interface NewestAccounts extends Reading {
  realm: string
  state?: AccountState
}

/** Accounts of one realm, the highest id first: of our own ids the newest. `from` is an id. */
export function newestAccounts(
  db: Database,
  { realm, state, ...reading }: NewestAccounts,
): Promise<Part<AccountRow>> {
  // Each state but the usual one has an index of its own.
  const [known, only] = state === 'open' ? [[], isIn.open] : [state ? isIn[state] : [], []]
  const where = [inRealm(realm), ...known]
  const index = `accounts_${state === undefined || state === 'open' ? 'listed' : state}`
  return readList(db, 'accounts', {
    ...reading,
    index,
    where,
    only,
    key: byBytes(db, 'id'),
    isDescending: true,
  })
}

interface NamedAccounts extends Reading {
  realm: string
  column: NameColumn
  /** As names are compared. */
  prefix: string
  state?: AccountState
  /** The row of `from` is among them. */
  isIncluded?: boolean
}

/** Behind every text that begins with a prefix, as far as bytes are compared. */
const last = '\u{10ffff}'

/** Accounts of one realm whose name of a kind begins with a prefix, in the order of these names. `from` is such a name. */
export function accountsNamed(
  db: Database,
  { realm, column, prefix, state, ...reading }: NamedAccounts,
): Promise<Part<AccountRow>> {
  const key = byBytes(db, column)
  const where = [sql<SqlBool>`realm = ${realm}`, sql<SqlBool>`${sql.ref(column)} is not null`]
  const between = { least: prefix, below: prefix + last }
  return readList(db, 'accounts', {
    ...reading,
    index: indexOf[column],
    between,
    where,
    only: state && isIn[state],
    key,
  })
}

/** Which of these accounts have a second factor in force, and which have passkeys. */
export async function factorsAmong(
  db: Database,
  realm: string,
  ids: string[],
): Promise<{ totp: Set<string>; passkeys: Set<string> }> {
  if (ids.length === 0) return { totp: new Set(), passkeys: new Set() }
  const totp = await db
    .selectFrom('totp')
    .select('account_id')
    .where('account_id', 'in', ids)
    .where('realm', '=', realm)
    .where('confirmed_at', 'is not', null)
    .execute()
  const passkeys = await db
    .selectFrom('passkeys')
    .select('account_id')
    .distinct()
    .where('account_id', 'in', ids)
    .where('realm', '=', realm)
    .execute()
  const setOf = (rows: { account_id: string }[]) => new Set(rows.map(({ account_id }) => account_id))
  return { totp: setOf(totp), passkeys: setOf(passkeys) }
}
