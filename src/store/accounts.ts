import type { Database } from './database.ts'
import type { AccountRow } from './schema.ts'

export type Accounts = ReturnType<typeof accounts>

/** What a new account may start with; everything else is empty. */
export interface NewAccount {
  id: string
  username?: string
  /** E.164. */
  phone?: string
  email?: string
  email_verified_at?: number
  password_hash?: string
  profile?: Record<string, unknown>
}

/** The hash that a password was checked against, and the one to keep. */
interface CheckedPassword {
  checkedHash: string
  hash: string
}

/** User names differ by more than the case of their letters. */
function foldUsername(username: string): string {
  return username.toLowerCase()
}

/** The accounts of one realm. E-mail addresses are given folded: trimmed and in lower case. */
export function accounts(db: Database, realm: string) {
  const find = () => db.selectFrom('accounts').selectAll().where('realm', '=', realm)
  const update = (id: string) => db.updateTable('accounts').where('id', '=', id).where('realm', '=', realm)
  const updateEnabled = (id: string) => update(id).where('disabled_at', 'is', null)

  return {
    byId: (id: string): Promise<AccountRow | undefined> => find().where('id', '=', id).executeTakeFirst(),

    byEmail: (email: string): Promise<AccountRow | undefined> =>
      find().where('email', '=', email).executeTakeFirst(),

    byPhone: (phone: string): Promise<AccountRow | undefined> =>
      find().where('phone', '=', phone).executeTakeFirst(),

    byUsername: (username: string): Promise<AccountRow | undefined> =>
      find().where('username_key', '=', foldUsername(username)).executeTakeFirst(),

    /** The new account, or `undefined` when its e-mail address, user name or phone number is taken. */
    create: (account: NewAccount, now: number): Promise<AccountRow | undefined> =>
      db
        .insertInto('accounts')
        .values({
          id: account.id,
          realm,
          username: account.username ?? null,
          username_key: account.username === undefined ? null : foldUsername(account.username),
          email: account.email ?? null,
          email_verified_at: account.email_verified_at ?? null,
          phone: account.phone ?? null,
          phone_verified_at: null,
          password_hash: account.password_hash ?? null,
          password_changed_at: account.password_hash ? now : null,
          last_sign_in_at: null,
          disabled_at: null,
          profile: JSON.stringify(account.profile ?? {}),
          created_at: now,
          updated_at: now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst(),

    /**
     * Keeps an account's row locked until the transaction ends. Whatever changes the ways into an account begins with
     * its row, so that nobody waits for the other way round.
     */
    lock: (id: string): Promise<AccountRow | undefined> =>
      update(id)
        .set((eb) => ({ updated_at: eb.ref('updated_at') }))
        .returningAll()
        .executeTakeFirst(),

    /**
     * Notes a sign-in whose password was checked against `checkedHash`, and stores `hash` in its place. `undefined`
     * when the password was changed or the account disabled meanwhile. The row stays locked until the transaction
     * ends, so a password reset either sees the session that follows or makes this find nothing.
     */
    signIn: (
      id: string,
      { checkedHash, hash }: CheckedPassword,
      now: number,
    ): Promise<AccountRow | undefined> =>
      updateEnabled(id)
        .set({ last_sign_in_at: now, password_hash: hash })
        .where('password_hash', '=', checkedHash)
        .returningAll()
        .executeTakeFirst(),

    /** The same for one who must show a second factor yet: the row is locked, and no sign-in noted. */
    keepPassword: (id: string, { checkedHash, hash }: CheckedPassword): Promise<AccountRow | undefined> =>
      updateEnabled(id)
        .set({ password_hash: hash })
        .where('password_hash', '=', checkedHash)
        .returningAll()
        .executeTakeFirst(),

    /** Sets the password, whatever it was. `undefined` when the account is gone or disabled. */
    setPassword: (id: string, hash: string, now: number): Promise<AccountRow | undefined> =>
      updateEnabled(id)
        .set({ password_hash: hash, password_changed_at: now, updated_at: now })
        .returningAll()
        .executeTakeFirst(),

    /** Sets the password when it is still the one behind `checkedHash`; `undefined` when it is not. */
    changePassword: (
      id: string,
      { checkedHash, hash }: CheckedPassword,
      now: number,
    ): Promise<AccountRow | undefined> =>
      updateEnabled(id)
        .set({ password_hash: hash, password_changed_at: now, updated_at: now })
        .where('password_hash', '=', checkedHash)
        .returningAll()
        .executeTakeFirst(),

    /** Marks the address as verified; `undefined` when it was already, or the account has another by now. */
    verifyEmail: (id: string, email: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ email_verified_at: now, updated_at: now })
        .where('email', '=', email)
        .where('email_verified_at', 'is', null)
        .returningAll()
        .executeTakeFirst(),

    /** Marks the number as verified; `undefined` when it was already, or the account has another by now. */
    verifyPhone: (id: string, phone: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ phone_verified_at: now, updated_at: now })
        .where('phone', '=', phone)
        .where('phone_verified_at', 'is', null)
        .returningAll()
        .executeTakeFirst(),
  }
}
