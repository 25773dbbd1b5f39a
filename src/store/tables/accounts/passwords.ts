import { sql } from 'kysely'
import { compiled } from '../../compiled.ts'
import type { AccountRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { accountLookups } from './lookups.ts'
import { ownPassword, updateAccount } from './update.ts'

/** An account as it was read before its password was checked. A password is known by when it was set. */
type Checked = Pick<AccountRow, 'id' | 'password_changed_at'>

interface SignIn extends Checked {
  realm: string
  newHash: string | null
  now: number
}

const updateUnchanged = (db: Database, realm: string, { id, password_changed_at: changedAt }: Checked) =>
  updateAccount(db, realm, id)
    .where('disabled_at', 'is', null)
    .where('password_hash', 'is not', null)
    .where('password_changed_at', 'is not distinct from', changedAt)

/** Keeps `newHash` where one is given, which then is one of our own. */
const keep = (newHash: string | null) => ({
  password_hash: sql<string>`coalesce(${newHash}, password_hash)`,
  password_kind: sql<string | null>`case when cast(${newHash} as text) is null then password_kind end`,
})

// The hot path.
const recordSignIn = compiled((db, { realm, newHash, now, ...checked }: SignIn) =>
  updateUnchanged(db, realm, checked).set({ last_sign_in_at: now, ...keep(newHash) }),
)

/** The passwords of the accounts of one realm, by their hashes. */
export function accountPasswords(db: Database, realm: string) {
  return {
    ...accountLookups(db, realm),

    /**
     * Notes a sign-in with the password that the account had when it was read, and keeps `newHash` of it where one is
     * given. `undefined` when the password was changed or the account disabled since, or has no password; another hash
     * of the same password is no change. The row stays locked until the transaction ends, so a password reset either
     * sees the session that follows or makes this find nothing.
     */
    recordSignIn: async (
      { id, password_changed_at }: Checked,
      now: number,
      newHash: string | null = null,
    ): Promise<AccountRow | undefined> =>
      (await recordSignIn(db, { id, password_changed_at, realm, newHash, now }))[0],

    /**
     * Notes a sign-in to an account that has had no password when it was read. `undefined` when it was given one or
     * disabled since. The row stays locked until the transaction ends.
     */
    recordSignInWithoutPassword: (
      { id, password_changed_at: changedAt }: Checked,
      now: number,
    ): Promise<AccountRow | undefined> =>
      updateAccount(db, realm, id)
        .where('disabled_at', 'is', null)
        .where('password_hash', 'is', null)
        .where('password_changed_at', 'is not distinct from', changedAt)
        .set({ last_sign_in_at: now })
        .executeTakeFirst(),

    /**
     * Locks the row of an account whose password is still the one that it had when it was read, and keeps `newHash` of it
     * where one is given. `undefined` when the password was changed or the account disabled since, or has no password.
     */
    lockIfPasswordUnchanged: (
      checked: Checked,
      newHash: string | null = null,
    ): Promise<AccountRow | undefined> =>
      updateUnchanged(db, realm, checked).set(keep(newHash)).executeTakeFirst(),

    /**
     * Keeps a hash of ours for the password that another system has found right, and the profile, where nothing has set
     * a password since the account was read. `undefined` when something has, or the account is disabled.
     */
    settlePassword: (
      { id, password_hash, password_pending, password_changed_at }: AccountRow,
      { hash, profile }: { hash: string; profile: Record<string, unknown> },
      now: number,
    ): Promise<AccountRow | undefined> =>
      updateAccount(db, realm, id)
        .where('disabled_at', 'is', null)
        .where('password_hash', 'is not distinct from', password_hash)
        .where('password_pending', 'is not distinct from', password_pending)
        .where('password_changed_at', 'is not distinct from', password_changed_at)
        .set({ ...ownPassword(hash, now), profile: JSON.stringify(profile), updated_at: now })
        .executeTakeFirst(),

    /** Sets the password, whatever it was. `undefined` when the account is gone or disabled. */
    setPassword: (id: string, hash: string | null, now: number): Promise<AccountRow | undefined> =>
      updateAccount(db, realm, id)
        .where('disabled_at', 'is', null)
        .set({ ...ownPassword(hash, now), updated_at: now })
        .executeTakeFirst(),

    /** Sets the password when it is still the one that the account had when it was read; `undefined` when not. */
    changePassword: (checked: Checked, hash: string, now: number): Promise<AccountRow | undefined> =>
      updateUnchanged(db, realm, checked)
        .set({ ...ownPassword(hash, now), updated_at: now })
        .executeTakeFirst(),
  }
}
