import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { liveOf } from './live.ts'
import { refreshes } from './refreshes.ts'

/** The sessions of one realm that rest on what somebody has allowed an app. */
export function grantSessions(db: Database, realm: string) {
  return {
    ...refreshes(db, realm),

    /** Those that have neither ended nor expired, oldest first. */
    liveByGrant: (grantId: string, now: number): Promise<SessionRow[]> =>
      liveOf(db, realm, now).where('grant_id', '=', grantId).orderBy('created_at').orderBy('id').execute(),

    /** Ends all of them, and returns those that had not ended. */
    endOfGrant: (grantId: string, why: string, now: number): Promise<SessionRow[]> =>
      db
        .updateTable('sessions')
        .set({ ended_at: now, ended_why: why })
        .where('realm', '=', realm)
        .where('grant_id', '=', grantId)
        .where('ended_at', 'is', null)
        .returningAll()
        .execute(),
  }
}
