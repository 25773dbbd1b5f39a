import type { AdminTokenRow } from '../schema.ts'
import type { Database } from '../types.ts'

/** How often the use of a token is written down at most. */
const noteUseEveryMs = 60_000

type NewToken = Omit<AdminTokenRow, 'realm' | 'revoked_at' | 'last_used_at' | 'last_used_ip'>

/** What programs show to the API of operators, in the realm that is theirs; each is known by its hash. */
export function adminTokens(db: Database, realm: string) {
  return {
    add: async (token: NewToken): Promise<void> => {
      await db
        .insertInto('admin_tokens')
        .values({ ...token, realm })
        .execute()
    },

    /** One that is neither revoked nor expired. */
    live: (hash: string, now: number): Promise<AdminTokenRow | undefined> =>
      db
        .selectFrom('admin_tokens')
        .selectAll()
        .where('realm', '=', realm)
        .where('hash', '=', hash)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst(),

    /** Newest first, those that are over among them. */
    list: (): Promise<AdminTokenRow[]> =>
      db
        .selectFrom('admin_tokens')
        .selectAll()
        .where('realm', '=', realm)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .execute(),

    /** Keeps when and from where a token was used, at most once a minute. */
    noteUse: async ({ id, last_used_at }: AdminTokenRow, { ip, now }: { ip: string; now: number }) => {
      if (last_used_at !== null && now - last_used_at < noteUseEveryMs) return
      await db
        .updateTable('admin_tokens')
        .set({ last_used_at: now, last_used_ip: ip })
        .where('realm', '=', realm)
        .where('id', '=', id)
        .execute()
    },

    /** `undefined` where there is no such token, or it was revoked before. */
    revoke: (id: string, now: number): Promise<AdminTokenRow | undefined> =>
      db
        .updateTable('admin_tokens')
        .set({ revoked_at: now })
        .where('realm', '=', realm)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .returningAll()
        .executeTakeFirst(),
  }
}
