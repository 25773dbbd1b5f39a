import type { AccountRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { accountNames } from './names.ts'
import { ownPassword, updateAccount } from './update.ts'

/** What whoever takes over an account brings. */
interface TakeOver {
  id: string
  /** The proven one. */
  email: string
  hash: string | null
  profile?: Record<string, unknown>
}

/** Which e-mail addresses and phone numbers of one realm are proven, and whose they are by that. */
export function accountVerification(db: Database, realm: string) {
  const updateUnverified = (id: string, email: string) =>
    updateAccount(db, realm, id).where('email', '=', email).where('email_verified_at', 'is', null)

  return {
    ...accountNames(db, realm),

    /** Marks the e-mail address as verified; `undefined` when it was already, or the account has another by now. */
    verifyEmail: (id: string, email: string, now: number): Promise<AccountRow | undefined> =>
      updateUnverified(id, email).set({ email_verified_at: now, updated_at: now }).executeTakeFirst(),

    /** Notes that somebody was invited to an account, which is theirs once they accept. */
    setInvited: (id: string, now: number): Promise<AccountRow | undefined> =>
      updateAccount(db, realm, id).set({ invited_at: now, updated_at: now }).executeTakeFirst(),

    /** Has the e-mail address count as valid at one dialect alone, where it is not verified. */
    seeEmail: async (id: string, email: string, dialect: string): Promise<void> => {
      await updateUnverified(id, email).set({ email_seen_through: dialect }).execute()
    },

    /**
     * Hands an account of which nothing has been verified to whoever has proven its e-mail address: sets the password
     * (`null`: none), the profile where one is given, and the address as verified. `undefined` for any other account.
     */
    takeOver: ({ id, email, hash, profile }: TakeOver, now: number): Promise<AccountRow | undefined> =>
      updateUnverified(id, email)
        .set({
          ...ownPassword(hash, now),
          email_verified_at: now,
          updated_at: now,
          ...(profile && { profile: JSON.stringify(profile) }),
        })
        .where('phone_verified_at', 'is', null)
        .where('disabled_at', 'is', null)
        .executeTakeFirst(),

    /** Takes an unverified e-mail address off an account of which the number is verified; `undefined` for any other. */
    releaseEmail: (id: string, email: string, now: number): Promise<AccountRow | undefined> =>
      updateUnverified(id, email)
        .set({ email: null, email_seen_through: null, updated_at: now })
        .where('phone_verified_at', 'is not', null)
        .executeTakeFirst(),

    /** Marks the number as verified; `undefined` when it was already, or the account has another by now. */
    verifyPhone: (id: string, phone: string, now: number): Promise<AccountRow | undefined> =>
      updateAccount(db, realm, id)
        .set({ phone_verified_at: now, updated_at: now })
        .where('phone', '=', phone)
        .where('phone_verified_at', 'is', null)
        .executeTakeFirst(),
  }
}
