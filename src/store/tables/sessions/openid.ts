import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { liveOf } from './live.ts'

/** The sessions of one realm that apps have by OpenID Connect. */
export function openidSessions(db: Database, realm: string) {
  return {
    /** Those of one authorization that have not ended. */
    liveOfGrant: (grantId: string): Promise<SessionRow[]> =>
      db
        .selectFrom('sessions')
        .selectAll()
        .where((eb) => eb.and({ realm, grant_id: grantId }))
        .where('ended_at', 'is', null)
        .execute(),

    /** Those of an account that are live, of one client or of all, the one used last first; up to `max`. */
    liveOfApps: (
      { accountId, dialect, clientId }: { accountId: string; dialect: string; clientId?: string },
      max: number,
      now: number,
    ): Promise<SessionRow[]> => {
      const live = liveOf(db, realm, now).where((eb) => eb.and({ account_id: accountId, dialect }))
      const own = clientId === undefined ? live : live.where('client_id', '=', clientId)
      return own.orderBy('last_used_at', 'desc').orderBy('id', 'desc').limit(max).execute()
    },
  }
}
