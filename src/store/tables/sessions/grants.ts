import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { liveOf } from './live.ts'
import { refreshes } from './refreshes.ts'
import { updateSession } from './update.ts'

/** The sessions of one realm that rest on what somebody has allowed an app. */
export function grantSessions(db: Database, realm: string) {
  return {
    ...refreshes(db, realm),

    /**
     * The session of that dialect when it has neither ended nor expired, which whoever ends it then waits with until the
     * transaction has ended: so one that is made meanwhile to hang on it ends with it.
     */
    holdLive: (id: string, dialect: string, now: number): Promise<SessionRow | undefined> =>
      updateSession(db, realm, id)
        .set((eb) => ({ ended_at: eb.ref('ended_at') }))
        .where('dialect', '=', dialect)
        .where('ended_at', 'is', null)
        .where('idle_expires_at', '>', now)
        .returningAll()
        .executeTakeFirst(),

    /** Those that have neither ended nor expired, oldest first. */
    liveByGrant: (grantId: string, now: number): Promise<SessionRow[]> =>
      liveOf(db, realm, now).where('grant_id', '=', grantId).orderBy('created_at').orderBy('id').execute(),
  }
}
