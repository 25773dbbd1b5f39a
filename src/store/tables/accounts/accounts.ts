import { sql } from 'kysely'
import { foldUsername } from '../../lib/fold-username.ts'
import { compiled } from '../compiled.ts'
import type { AccountRow } from '../schema.ts'
import type { Database } from '../types.ts'

export type Accounts = ReturnType<typeof accounts>

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
  profile?: Record<string, unknown>
  /** The dialect that it is opened through. */
  signed_up_through?: string
}

/** Which accounts a list is to have. */
export interface AccountPage {
  /** The last id of the page before; empty for the first one. */
  after: string
  max: number
  emailPrefix?: string
  isDisabled?: boolean
  /** Epoch milliseconds. */
  createdSince?: number
}

/** What whoever takes over an account brings. */
export interface TakeOver {
  id: string
  /** The proven one. */
  email: string
  hash: string | null
  profile?: Record<string, unknown>
}

/** An account as it was read before its password was checked. A password is known by when it was set. */
type Checked = Pick<AccountRow, 'id' | 'password_changed_at'>

interface SignIn {
  id: string
  realm: string
  changedAt: number | null
  newHash: string | null
  now: number
}

// What requests wait for most.
const byId = compiled((db, { id, realm }: { id: string; realm: string }) =>
  db.selectFrom('accounts').selectAll().where('realm', '=', realm).where('id', '=', id),
)
const byEmail = compiled((db, { email, realm }: { email: string; realm: string }) =>
  db.selectFrom('accounts').selectAll().where('realm', '=', realm).where('email', '=', email),
)
const recordSignIn = compiled((db, { id, realm, changedAt, newHash, now }: SignIn) =>
  db
    .updateTable('accounts')
    .set({ last_sign_in_at: now, password_hash: sql`coalesce(${newHash}, password_hash)` })
    .where('id', '=', id)
    .where('realm', '=', realm)
    .where('disabled_at', 'is', null)
    .where('password_hash', 'is not', null)
    .where('password_changed_at', 'is not distinct from', changedAt)
    .returningAll(),
)

/** Later than the last change, also when the clock is not: so that it tells one password from every other. */
function nextChange(now: number) {
  return sql<number>`case when password_changed_at >= ${now} then password_changed_at + 1 else ${now} end`
}

/** The accounts of one realm. E-mail addresses are given folded, user names as they were typed. */
export function accounts(db: Database, realm: string) {
  const find = () => db.selectFrom('accounts').selectAll().where('realm', '=', realm)
  const update = (id: string) => db.updateTable('accounts').where('id', '=', id).where('realm', '=', realm)
  const updateEnabled = (id: string) => update(id).where('disabled_at', 'is', null)
  const updateUnchanged = ({ id, password_changed_at: changedAt }: Checked) =>
    updateEnabled(id)
      .where('password_hash', 'is not', null)
      .where('password_changed_at', 'is not distinct from', changedAt)

  return {
    byId: async (id: string): Promise<AccountRow | undefined> => (await byId(db, { id, realm }))[0],

    byEmail: async (email: string): Promise<AccountRow | undefined> =>
      (await byEmail(db, { email, realm }))[0],

    byPhone: (phone: string): Promise<AccountRow | undefined> =>
      find().where('phone', '=', phone).executeTakeFirst(),

    /**
     * Those of the next `max` accounts after that id, in the order of their ids, that meet every condition given, and
     * the last id that was looked at; `undefined` for it when there are no more. Reads no more rows than that, whatever
     * the conditions are.
     */
    list: async ({ after, max, ...only }: AccountPage): Promise<{ found: AccountRow[]; last?: string }> => {
      const next = db.selectFrom('accounts').where('id', '>', after).orderBy('id').limit(max)
      const page = await db
        .selectFrom(next.select('id').as('next'))
        .select((eb) => eb.fn.max('id').as('last'))
        .executeTakeFirst()
      if (!page?.last) return { found: [] }
      const found = await db
        .selectFrom(next.selectAll().as('next'))
        .selectAll()
        .where('realm', '=', realm)
        // Should one of them have been deleted since, the next one has moved up.
        .where('id', '<=', page.last)
        .$if(only.emailPrefix !== undefined, (query) =>
          // Not LIKE, for which a prefix may hold wild cards.
          query.where(sql`substr(email, 1, ${only.emailPrefix?.length})`, '=', only.emailPrefix),
        )
        .$if(only.isDisabled === true, (query) => query.where('disabled_at', 'is not', null))
        .$if(only.createdSince !== undefined, (query) =>
          query.where('created_at', '>=', only.createdSince ?? 0),
        )
        .orderBy('id')
        .execute()
      return { found, last: page.last }
    },

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
          email_seen_through: null,
          phone: account.phone ?? null,
          phone_verified_at: account.phone_verified_at ?? null,
          password_hash: account.password_hash ?? null,
          password_changed_at: account.password_hash ? now : null,
          last_sign_in_at: null,
          disabled_at: null,
          profile: JSON.stringify(account.profile ?? {}),
          signed_up_through: account.signed_up_through ?? null,
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
     * Notes a sign-in with the password that the account had when it was read, and keeps `newHash` of it where one is
     * given. `undefined` when the password was changed or the account disabled since, or has no password; another hash
     * of the same password is no change. The row stays locked until the transaction ends, so a password reset either
     * sees the session that follows or makes this find nothing.
     */
    recordSignIn: async (
      { id, password_changed_at: changedAt }: Checked,
      now: number,
      newHash: string | null = null,
    ): Promise<AccountRow | undefined> => (await recordSignIn(db, { id, realm, changedAt, newHash, now }))[0],

    /**
     * Locks the row of an account whose password is still the one that it had when it was read, and keeps `newHash` of it
     * where one is given. `undefined` when the password was changed or the account disabled since, or has no password.
     */
    lockIfPasswordUnchanged: (
      checked: Checked,
      newHash: string | null = null,
    ): Promise<AccountRow | undefined> =>
      updateUnchanged(checked)
        .set({ password_hash: sql`coalesce(${newHash}, password_hash)` })
        .returningAll()
        .executeTakeFirst(),

    /** Sets the password, whatever it was. `undefined` when the account is gone or disabled. */
    setPassword: (id: string, hash: string, now: number): Promise<AccountRow | undefined> =>
      updateEnabled(id)
        .set({ password_hash: hash, password_changed_at: nextChange(now), updated_at: now })
        .returningAll()
        .executeTakeFirst(),

    /** Sets the password when it is still the one that the account had when it was read; `undefined` when not. */
    changePassword: (checked: Checked, hash: string, now: number): Promise<AccountRow | undefined> =>
      updateUnchanged(checked)
        .set({ password_hash: hash, password_changed_at: nextChange(now), updated_at: now })
        .returningAll()
        .executeTakeFirst(),

    /** Replaces the whole profile; of two at once the later one stays, unless the row is locked first. */
    setProfile: async (id: string, profile: Record<string, unknown>, now: number): Promise<void> => {
      await update(id)
        .set({ profile: JSON.stringify(profile), updated_at: now })
        .execute()
    },

    /** Shuts an account; `undefined` when it was shut already. */
    disable: (id: string, now: number): Promise<AccountRow | undefined> =>
      updateEnabled(id).set({ disabled_at: now, updated_at: now }).returningAll().executeTakeFirst(),

    /** Opens it again; `undefined` when it was open. */
    enable: (id: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ disabled_at: null, updated_at: now })
        .where('disabled_at', 'is not', null)
        .returningAll()
        .executeTakeFirst(),

    /** Removes an account with its sessions, tickets and second factors; `undefined` when it was not there. */
    remove: (id: string): Promise<AccountRow | undefined> =>
      db
        .deleteFrom('accounts')
        .where('id', '=', id)
        .where('realm', '=', realm)
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

    /** Has the address count as valid at one dialect alone, where it is not verified. */
    seeEmail: async (id: string, email: string, dialect: string): Promise<void> => {
      await update(id)
        .set({ email_seen_through: dialect })
        .where('email', '=', email)
        .where('email_verified_at', 'is', null)
        .execute()
    },

    /**
     * Hands an account of which nothing has been verified to whoever has proven its e-mail address: sets the password
     * (`null`: none), the profile where one is given, and the address as verified. `undefined` for any other account.
     */
    takeOver: ({ id, email, hash, profile }: TakeOver, now: number): Promise<AccountRow | undefined> =>
      updateEnabled(id)
        .set({
          password_hash: hash,
          password_changed_at: nextChange(now),
          email_verified_at: now,
          updated_at: now,
          ...(profile && { profile: JSON.stringify(profile) }),
        })
        .where('email', '=', email)
        .where('email_verified_at', 'is', null)
        .where('phone_verified_at', 'is', null)
        .returningAll()
        .executeTakeFirst(),

    /** Takes an unverified address off an account of which the number is verified; `undefined` for any other. */
    releaseEmail: (id: string, email: string, now: number): Promise<AccountRow | undefined> =>
      update(id)
        .set({ email: null, email_seen_through: null, updated_at: now })
        .where('email', '=', email)
        .where('email_verified_at', 'is', null)
        .where('phone_verified_at', 'is not', null)
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
