import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { liveOf } from './live.ts'
import { shownProofs } from './shown.ts'

/** Which sessions of one realm a person is shown, whichever door they came through. */
export function sessionDevices(db: Database, realm: string) {
  return {
    ...shownProofs(db, realm),

    /** Up to `max` of an account's live sessions through whichever door, the one used last first, without that one. */
    liveBeside: (
      { id, account_id }: Pick<SessionRow, 'id' | 'account_id'>,
      max: number,
      now: number,
    ): Promise<SessionRow[]> =>
      liveOf(db, realm, now)
        .where('account_id', '=', account_id)
        // True of all of them: so SQLite reads the index of those that have not ended.
        .where('dialect', '>=', '')
        .where('id', '<>', id)
        .orderBy('last_used_at', 'desc')
        .orderBy('id', 'desc')
        .limit(max)
        .execute(),

    /** Up to `max` of an account's live sessions through one dialect, of one client where one is given, the one used last first. */
    liveThrough: (
      { accountId, dialect, clientId }: { accountId: string; dialect: string; clientId?: string },
      max: number,
      now: number,
    ): Promise<SessionRow[]> => {
      const live = liveOf(db, realm, now).where((eb) => eb.and({ account_id: accountId, dialect }))
      const own = clientId === undefined ? live : live.where('client_id', '=', clientId)
      return own.orderBy('last_used_at', 'desc').orderBy('id', 'desc').limit(max).execute()
    },

    /** Those of these sessions that are an account's, whether they have ended or not. */
    among: (ids: string[], accountId: string): Promise<SessionRow[]> =>
      ids.length === 0
        ? Promise.resolve([])
        : db
            .selectFrom('sessions')
            .selectAll()
            .where('realm', '=', realm)
            .where('account_id', '=', accountId)
            .where('id', 'in', ids)
            .execute(),
  }
}
