import { sql } from 'kysely'
import { compiled } from '../../compiled.ts'
import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { countDeleted } from '../rows.ts'
import { countRows, type KeyCount } from '../sealed.ts'
import { sessionEndings } from './endings.ts'
import { liveOf } from './live.ts'

/** What most sessions have not: it is of OpenID Connect, or of a hook. */
const without = { parent_id: null, grant_id: null, openid: null, tell_end: null, claims: null }

export type NewSession = Omit<SessionRow, 'realm' | 'ended_at' | 'ended_why' | keyof typeof without> &
  Partial<Pick<SessionRow, keyof typeof without>>

// The hot path.
const create = compiled((db, session: SessionRow) => db.insertInto('sessions').values(session))
const liveById = compiled(
  (db, { realm, now, id, dialect }: { realm: string; now: number; id: string; dialect: string }) =>
    liveOf(db, realm, now).where('id', '=', id).where('dialect', '=', dialect),
)

/** The sessions of one realm. */
export function sessions(db: Database, realm: string) {
  const all = () => db.selectFrom('sessions').where('realm', '=', realm)

  return {
    // Each part begins with another: a store is made for each transaction, and a second spread takes ten times as long.
    ...sessionEndings(db, realm),

    create: async (session: NewSession): Promise<SessionRow> => {
      const row = { ...without, ...session, realm, ended_at: null, ended_why: null }
      await create(db, row)
      return row
    },

    byId: (id: string): Promise<SessionRow | undefined> =>
      all().selectAll().where('id', '=', id).executeTakeFirst(),

    /** The session of that dialect when it has neither ended nor expired. */
    liveById: async (id: string, dialect: string, now: number): Promise<SessionRow | undefined> =>
      (await liveById(db, { realm, now, id, dialect }))[0],

    /** Those that hang on a session and have not ended. */
    liveBelow: (parentId: string): Promise<SessionRow[]> =>
      all().selectAll().where('parent_id', '=', parentId).where('ended_at', 'is', null).execute(),

    /** Forgets the IPs from which an account has been signed in to. */
    forgetIps: async (accountId: string): Promise<void> => {
      await db
        .updateTable('sessions')
        .set({ ip: null })
        .where('account_id', '=', accountId)
        .where('realm', '=', realm)
        .where('ip', 'is not', null)
        .execute()
    },

    /** Removes up to `max` sessions of an account and says how many there were. */
    removeSome: (accountId: string, max: number): Promise<number> => {
      const some = all().select('id').where('account_id', '=', accountId).limit(max)
      return countDeleted(db.deleteFrom('sessions').where('id', 'in', some))
    },

    /** How many live sessions hang on each master key by their refresh tokens, and when the last of them will end. */
    countLive: (now: number): Promise<(KeyCount & { lastEnd: number })[]> =>
      liveOf(db, realm, now)
        .clearSelect()
        .select(['master_key_id as keyId', countRows])
        .select(sql<number>`max(absolute_expires_at)`.as('lastEnd'))
        .groupBy('master_key_id')
        .execute(),
  }
}
