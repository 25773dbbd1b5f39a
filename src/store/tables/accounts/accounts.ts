import { foldUsername } from '../../../lib/fold-username.ts'
import type { AccountRow } from '../../schema.ts'
import { unlessTaken } from '../../taken.ts'
import type { Database } from '../../types.ts'
import { accountDeletion } from './deletion.ts'
import { accountDisabling } from './disabling.ts'
import { ownPassword, updateAccount } from './update.ts'
import { accountVerification } from './verification.ts'

/** What a new account may start with; everything else is empty. */
export interface NewAccount {
  id: string
  username?: string
  /** E.164. */
  phone?: string
  email?: string
  email_verified_at?: number
  phone_verified_at?: number
  password_hash?: string
  password_kind?: string
  password_pending?: string
  profile?: Record<string, unknown>
  /** What the person must not write. */
  attributes?: Record<string, unknown>
  /** Epoch milliseconds. */
  invited_at?: number
  /** The dialect that it is opened through. */
  signed_up_through?: string
}

/** The accounts of one realm. E-mail addresses are given folded, user names as they were typed. */
export function accounts(db: Database, realm: string) {
  return {
    // Each part begins with another: a store is made for each transaction, and a second spread takes ten times as long.
    ...accountStates(db, realm),

    /** The new account, or `undefined` when its id, e-mail address, user name or phone number is taken. */
    create: (account: NewAccount, now: number): Promise<AccountRow | undefined> =>
      db
        .insertInto('accounts')
        .values({
          ...account,
          realm,
          username_key: account.username === undefined ? null : foldUsername(account.username),
          password_changed_at: account.password_hash ? now : null,
          profile: JSON.stringify(account.profile ?? {}),
          attributes: account.attributes ? JSON.stringify(account.attributes) : null,
          created_at: now,
          updated_at: now,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst(),
  }
}

/** What becomes of the accounts of one realm as a whole. */
function accountStates(db: Database, realm: string) {
  const update = (id: string) => updateAccount(db, realm, id)

  return {
    ...accountVerification(db, realm),
    ...accountDeletion(db, realm),
    ...accountDisabling(db, realm),

    /** Replaces the user name; `undefined` when another account has it, and then the transaction is to be given up. */
    setUsername: (id: string, username: string, now: number): Promise<AccountRow | undefined> =>
      unlessTaken(() =>
        update(id)
          .set({ username, username_key: foldUsername(username), updated_at: now })
          .executeTakeFirst(),
      ),

    /**
     * Keeps an account's row locked until the transaction ends. Whatever changes the ways into an account begins with
     * its row, so that nobody waits for the other way round.
     */
    lock: (id: string): Promise<AccountRow | undefined> =>
      update(id)
        .set((eb) => ({ updated_at: eb.ref('updated_at') }))
        .executeTakeFirst(),

    /** Replaces the whole profile; of two at once the later one stays, unless the row is locked first. */
    setProfile: async (id: string, profile: Record<string, unknown>, now: number): Promise<void> => {
      await update(id)
        .set({ profile: JSON.stringify(profile), updated_at: now })
        .execute()
    },

    /** Sets the password on another's word, whatever it was and also of a disabled account; `kind` is that of a foreign hash. */
    assignPassword: (
      id: string,
      { hash, kind }: { hash: string; kind: string | undefined },
      now: number,
    ): Promise<AccountRow | undefined> =>
      update(id)
        .set({ ...ownPassword(hash, now), password_kind: kind ?? null, updated_at: now })
        .executeTakeFirst(),

    /** What somebody wants to be spoken to in; what is not given stays, `null` takes it away. `time_zone` is an IANA name. */
    setPreferences: async (
      id: string,
      preferences: { language?: string | null; time_zone?: string | null },
      now: number,
    ): Promise<void> => {
      await update(id)
        .set({ ...preferences, updated_at: now })
        .execute()
    },

    /** Replaces what the person must not write, likewise. */
    setAttributes: async (id: string, attributes: Record<string, unknown>, now: number): Promise<void> => {
      await update(id)
        .set({ attributes: JSON.stringify(attributes), updated_at: now })
        .execute()
    },

    /** Removes an account with its sessions, tickets and second factors; `undefined` when it was not there. */
    remove: (id: string): Promise<AccountRow | undefined> =>
      db
        .deleteFrom('accounts')
        .where('id', '=', id)
        .where('realm', '=', realm)
        .returningAll()
        .executeTakeFirst(),
  }
}
