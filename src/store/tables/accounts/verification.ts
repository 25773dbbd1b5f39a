import type { AccountRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { accountNames } from './names.ts'
import { ownPassword, updateAccount } from './update.ts'

/** A name that somebody has proven, and that an account has without having proven it. */
interface Proven {
  id: string
  name: 'email' | 'phone'
  value: string
}

/** What whoever takes over an account brings. */
interface TakeOver extends Proven {
  hash: string | null
  profile?: Record<string, unknown> | undefined
}

/** Since when the other name of an account is proven. */
const otherOf = { email: 'phone_verified_at', phone: 'email_verified_at' } as const

/** Which e-mail addresses and phone numbers of one realm are proven, and whose they are by that. */
export function accountVerification(db: Database, realm: string) {
  const updateUnproven = ({ id, name, value }: Proven) =>
    updateAccount(db, realm, id).where(name, '=', value).where(`${name}_verified_at`, 'is', null)
  const updateUnverified = (id: string, email: string) => updateUnproven({ id, name: 'email', value: email })

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
     * Hands an account of which nothing has been verified to whoever has proven its e-mail address or number: sets the
     * password (`null`: none), the profile where one is given, and that name as verified. `undefined` for any other account.
     */
    takeOver: (taking: TakeOver, now: number): Promise<AccountRow | undefined> =>
      updateUnproven(taking)
        .set({
          ...ownPassword(taking.hash, now),
          ...(taking.name === 'email' ? { email_verified_at: now } : { phone_verified_at: now }),
          updated_at: now,
          ...(taking.profile && { profile: JSON.stringify(taking.profile) }),
        })
        .where(otherOf[taking.name], 'is', null)
        .where('disabled_at', 'is', null)
        .executeTakeFirst(),

    /** Takes an unverified name off an account of which the other one is verified; `undefined` for any other. */
    release: (proven: Proven, now: number): Promise<AccountRow | undefined> =>
      updateUnproven(proven)
        .set({
          ...(proven.name === 'email' ? { email: null, email_seen_through: null } : { phone: null }),
          updated_at: now,
        })
        .where(otherOf[proven.name], 'is not', null)
        .executeTakeFirst(),

    /** Marks the number as verified; `undefined` when it was already, or the account has another by now. */
    verifyPhone: (id: string, phone: string, now: number): Promise<AccountRow | undefined> =>
      updateUnproven({ id, name: 'phone', value: phone })
        .set({ phone_verified_at: now, updated_at: now })
        .executeTakeFirst(),
  }
}
