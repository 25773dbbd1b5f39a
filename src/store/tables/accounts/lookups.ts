import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { foldUsername } from '../../../lib/fold-username.ts'
import { compiled } from '../../compiled.ts'
import type { AccountRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { lastOfNext } from '../rows.ts'
import { passwordKinds } from './password-kinds.ts'

/** Which accounts a list is to have. */
interface AccountPage {
  /** The last id of the page before; empty for the first one. */
  after: string
  max: number
  emailPrefix?: string
  isDisabled?: boolean
  /** Epoch milliseconds. */
  createdSince?: number
  passwordState?: PasswordState
}

/** How the password of an account is kept: see the glossary. */
export type PasswordState = 'own' | 'imported' | 'pending' | 'none'

const isInState: Record<PasswordState, RawBuilder<SqlBool>> = {
  own: sql`password_hash is not null and password_kind is null`,
  imported: sql`password_hash is not null and password_kind is not null`,
  pending: sql`password_hash is null and password_pending is not null`,
  none: sql`password_hash is null and password_pending is null`,
}

const accountsOf = (db: Database, realm: string) =>
  db.selectFrom('accounts').selectAll().where('realm', '=', realm)

// The hot path.
const byId = compiled((db, { id, realm }: { id: string; realm: string }) =>
  accountsOf(db, realm).where('id', '=', id),
)
const byEmail = compiled((db, { email, realm }: { email: string; realm: string }) =>
  accountsOf(db, realm).where('email', '=', email),
)

/** Finds accounts of one realm. */
export function accountLookups(db: Database, realm: string) {
  return {
    ...passwordKinds(db, realm),

    byId: async (id: string): Promise<AccountRow | undefined> => (await byId(db, { id, realm }))[0],

    /** Those that are there, in no order; one id at least. */
    byIds: (ids: string[]): Promise<AccountRow[]> => accountsOf(db, realm).where('id', 'in', ids).execute(),

    byEmail: async (email: string): Promise<AccountRow | undefined> =>
      (await byEmail(db, { email, realm }))[0],

    byPhone: (phone: string): Promise<AccountRow | undefined> =>
      accountsOf(db, realm).where('phone', '=', phone).executeTakeFirst(),

    byUsername: (username: string): Promise<AccountRow | undefined> =>
      accountsOf(db, realm).where('username_key', '=', foldUsername(username)).executeTakeFirst(),

    /**
     * Those of the next `max` accounts after that id, in the order of their ids, that meet every condition given, and
     * the last id that was looked at; `undefined` for it when there are no more. Reads no more rows than that, whatever
     * the conditions are.
     */
    list: async ({ after, max, ...only }: AccountPage): Promise<{ found: AccountRow[]; last?: string }> => {
      const last = await lastOfNext(db, 'accounts', { after, max })
      if (last === undefined) return { found: [] }
      // Not a condition on `realm` beside the others, for which SQLite would read all accounts of the realm.
      const next = db.selectFrom('accounts').selectAll().where('id', '>', after).where('id', '<=', last)
      let query = db
        .selectFrom(next.orderBy('id').limit(max).as('next'))
        .selectAll()
        .where('realm', '=', realm)
      // Not LIKE, for which a prefix may hold wild cards.
      if (only.emailPrefix !== undefined)
        query = query.where(sql`substr(email, 1, ${only.emailPrefix.length})`, '=', only.emailPrefix)
      if (only.isDisabled) query = query.where('disabled_at', 'is not', null)
      if (only.createdSince !== undefined) query = query.where('created_at', '>=', only.createdSince)
      if (only.passwordState !== undefined) query = query.where(isInState[only.passwordState])
      return { found: await query.orderBy('id').execute(), last }
    },
  }
}
