import type { AccountRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { accountPasswords } from './passwords.ts'
import { ownPassword, updateAccount } from './update.ts'

/** The e-mail address and the number of an account, and since when each is proven. */
export type Names = Pick<AccountRow, 'email' | 'email_verified_at' | 'phone' | 'phone_verified_at'>

/**
 * Changes of the e-mail addresses and numbers of one realm. The unique indexes settle who gets a name: a statement that
 * would take one that another account has fails (`isUniqueViolation`).
 */
export function accountNames(db: Database, realm: string) {
  const update = (id: string) => updateAccount(db, realm, id)

  return {
    ...accountPasswords(db, realm),

    /** Sets or takes off what an account is called, and since when that is proven; what is not given stays. */
    setNames: (
      id: string,
      names: Partial<Names> & { email_seen_through?: null; username?: null; username_key?: null },
      now: number,
    ): Promise<AccountRow | undefined> =>
      update(id)
        .set({ ...names, updated_at: now })
        .executeTakeFirst(),

    /** Gives an account another e-mail address, proven a moment ago. */
    changeEmail: (id: string, email: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ email, email_verified_at: now, email_seen_through: null, updated_at: now })
        .executeTakeFirst(),

    /** Gives an account another number, proven a moment ago. */
    changePhone: (id: string, phone: string, now: number): Promise<AccountRow | undefined> =>
      update(id).set({ phone, phone_verified_at: now, updated_at: now }).executeTakeFirst(),

    /** Takes the number off an account whose e-mail address is proven; `undefined` for any other. */
    removePhone: (id: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ phone: null, phone_verified_at: null, updated_at: now })
        .where('phone', 'is not', null)
        .where('email_verified_at', 'is not', null)
        .executeTakeFirst(),

    /** Takes an e-mail address off an account that has not proven it; `undefined` for any other. */
    yieldEmail: (id: string, email: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ email: null, email_seen_through: null, updated_at: now })
        .where('email', '=', email)
        .where('email_verified_at', 'is', null)
        .executeTakeFirst(),

    /** Takes a number off an account that has not proven it; `undefined` for any other. */
    yieldPhone: (id: string, phone: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ phone: null, updated_at: now })
        .where('phone', '=', phone)
        .where('phone_verified_at', 'is', null)
        .executeTakeFirst(),

    /** Puts names back, and leaves the account without a password and with no date for its deletion. */
    restoreNames: (id: string, names: Names, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({
          ...names,
          ...ownPassword(null, now),
          email_seen_through: null,
          deletion_due_at: null,
          updated_at: now,
        })
        .where('disabled_at', 'is', null)
        .executeTakeFirst(),
  }
}
