import { type RawBuilder, sql } from 'kysely'
import type { AccountRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { addGiven, givenRows } from './given-rows.ts'

/** An account that has a name, or the id, of one that is imported. */
export type FoundAccount = AccountRow & {
  /** 1 where it has an authenticator, also one that is not in force. */
  has_totp: number
}

/** By what accounts are looked for; user names are folded, ids those of all realms. */
export interface SoughtNames {
  ids: string[]
  emails: string[]
  usernames: string[]
  phones: string[]
}

const newColumns = {
  id: 'text',
  username: 'text',
  username_key: 'text',
  email: 'text',
  email_verified_at: 'bigint',
  phone: 'text',
  phone_verified_at: 'bigint',
  password_hash: 'text',
  password_kind: 'text',
  password_pending: 'text',
  password_changed_at: 'bigint',
  last_sign_in_at: 'bigint',
  invited_at: 'bigint',
  disabled_at: 'bigint',
  disabled_until: 'bigint',
  profile: 'text',
  attributes: 'text',
  created_at: 'bigint',
  updated_at: 'bigint',
} as const

/** A whole account as it is imported. */
export type ImportedAccount = Pick<AccountRow, keyof typeof newColumns>

const {
  last_sign_in_at: _signedIn,
  invited_at: _invited,
  created_at: _created,
  ...changeableColumns
} = newColumns

const fillColumns = { ...changeableColumns, seen_hash: 'text', seen_at: 'bigint' } as const

/** An account as it is to be, and what it was read with: it is filled where that is still so. */
export type FilledAccount = Pick<AccountRow, Exclude<keyof typeof fillColumns, 'seen_hash' | 'seen_at'>> & {
  seen_hash: string | null
  seen_at: number
}

/** Accounts of one realm by many at once, for imports. */
export function importedAccounts(db: Database, realm: string) {
  const find = async (names: string[], condition: RawBuilder<unknown>): Promise<FoundAccount[]> => {
    if (names.length === 0) return []
    const given = names.map((name) => ({ name }))
    const found = sql<FoundAccount>`(select accounts.*,
        case when exists (select 1 from totp where totp.account_id = accounts.id) then 1 else 0 end as has_totp
      from ${givenRows(db, { name: 'text' }, given)} cross join accounts where ${condition})`
    return db.selectFrom(found.as('found')).selectAll().execute()
  }
  const named = (column: 'email' | 'username_key' | 'phone') =>
    sql`accounts.realm = ${realm} and ${sql.ref(`accounts.${column}`)} = given.name`

  return {
    /** Those that have any of these names; one that has several comes more than once. */
    find: async ({ ids, emails, usernames, phones }: SoughtNames): Promise<FoundAccount[]> => [
      ...(await find(ids, sql`accounts.id = given.name`)),
      ...(await find(emails, named('email'))),
      ...(await find(usernames, named('username_key'))),
      ...(await find(phones, named('phone'))),
    ],

    /** Adds those whose id and names nobody has, and says how many these were. */
    add: (accounts: ImportedAccount[]): Promise<number> =>
      addGiven(db, { table: 'accounts', realm, columns: newColumns }, accounts),

    /** Fills those that nobody has changed since they were read, and says how many these were. */
    fill: async (accounts: FilledAccount[]): Promise<number> => {
      if (accounts.length === 0) return 0
      const { seen_hash: _hash, seen_at: _at, id: _id, ...set } = fillColumns
      const assignments = Object.keys(set).map((name) => sql`${sql.ref(name)} = ${sql.ref(`given.${name}`)}`)
      const { numAffectedRows } = await sql`update accounts set ${sql.join(assignments)}
        from ${givenRows(db, fillColumns, accounts)}
        where accounts.id = given.id and accounts.realm = ${realm} and accounts.updated_at = given.seen_at
          and accounts.password_hash is not distinct from given.seen_hash`.execute(db)
      return Number(numAffectedRows ?? 0)
    },
  }
}
