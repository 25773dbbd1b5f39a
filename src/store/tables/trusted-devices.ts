import type { ExpressionBuilder } from 'kysely'
import type { Schema, TrustedDeviceRow } from '../schema.ts'
import type { Database } from '../types.ts'
import { countDeleted } from './rows.ts'

/** The browsers of one realm that are not asked for the second factor, by hashes of what they keep. */
export function trustedDevices(db: Database, realm: string) {
  const isOf = (accountId: string) => (eb: ExpressionBuilder<Schema, 'trusted_devices'>) =>
    eb.and({ account_id: accountId, realm })
  const live = liveDevices(db, realm)

  return {
    /** Stores a device, and removes the oldest of its account until `most` are left. */
    add: async (device: Omit<TrustedDeviceRow, 'realm'>, most: number): Promise<void> => {
      await db
        .insertInto('trusted_devices')
        .values({ ...device, realm })
        .execute()
      const kept = db
        .selectFrom('trusted_devices')
        .select('id')
        .where(isOf(device.account_id))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(most)
      await db
        .deleteFrom('trusted_devices')
        .where(isOf(device.account_id))
        .where('id', 'not in', kept)
        .execute()
    },

    /** Newest first; those that have not expired. */
    list: (accountId: string, now: number): Promise<TrustedDeviceRow[]> =>
      live(accountId, now).orderBy('created_at', 'desc').orderBy('id', 'desc').execute(),

    /** The device that is trusted for the account and has one of these hashes. */
    find: (accountId: string, hashes: string[], now: number): Promise<TrustedDeviceRow | undefined> =>
      live(accountId, now)
        .where('hash', 'in', hashes)
        .orderBy('created_at', 'desc')
        .limit(1)
        .executeTakeFirst(),

    /** The device of that id, while it is trusted for the account. */
    liveById: (accountId: string, id: string, now: number): Promise<TrustedDeviceRow | undefined> =>
      live(accountId, now).where('id', '=', id).executeTakeFirst(),

    /** Removes one device of the account. Returns whether this call did. */
    remove: async (accountId: string, id: string): Promise<boolean> =>
      (await countDeleted(db.deleteFrom('trusted_devices').where(isOf(accountId)).where('id', '=', id))) > 0,

    /** Removes what a browser has been given before for the account. */
    removeHashes: async (accountId: string, hashes: string[]): Promise<void> => {
      await db.deleteFrom('trusted_devices').where(isOf(accountId)).where('hash', 'in', hashes).execute()
    },

    /** Removes every device of the account, and says how many there were. */
    removeAll: (accountId: string): Promise<number> => removeTrust(db, { realm, accountId }),
  }
}

/**
 * The devices that an account trusts. What changes its second factor or its password ends all trust; a node of a release
 * that knows of no trust does not, so what is older than either counts for nothing.
 */
function liveDevices(db: Database, realm: string) {
  return (accountId: string, now: number) =>
    db
      .selectFrom('trusted_devices')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('realm', '=', realm)
      .where('expires_at', '>', now)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('totp')
              .select('account_id')
              .where('account_id', '=', accountId)
              .whereRef('confirmed_at', '>', 'trusted_devices.created_at'),
          ),
        ),
      )
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('accounts')
              .select('id')
              .where('id', '=', accountId)
              .whereRef('password_changed_at', '>', 'trusted_devices.created_at'),
          ),
        ),
      )
}

/** Has no browser be trusted for an account any more. */
export function removeTrust(
  db: Database,
  { realm, accountId }: { realm: string; accountId: string },
): Promise<number> {
  return countDeleted(
    db.deleteFrom('trusted_devices').where('realm', '=', realm).where('account_id', '=', accountId),
  )
}
