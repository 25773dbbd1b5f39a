import { compiled } from '../../compiled.ts'
import { literal } from '../../literal.ts'
import type { SessionRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { countRows } from '../sealed.ts'
import { liveOf } from './live.ts'
import { seenSessions } from './seen.ts'

/** Live sessions of an account through one dialect. */
interface LiveList {
  accountId: string
  dialect: string
  now: number
}

/** Rows of a list that people are shown. */
const maxListed = 100

const listLive = compiled((db, { realm, now, accountId, dialect }: LiveList & { realm: string }) =>
  liveOf(db, realm, now)
    .where('account_id', '=', accountId)
    .where('dialect', '=', dialect)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(literal(maxListed)),
)

/** Which sessions an account of one realm has. Each list has an end, however many there are. */
export function sessionLists(db: Database, realm: string) {
  const sessionsOf = (accountId: string) =>
    db
      .selectFrom('sessions')
      .where('realm', '=', realm)
      .where('account_id', '=', accountId)
      .orderBy('created_at', 'desc')

  /** How many live sessions an account has through one dialect, or through all. */
  const countLiveOf = async (list: Omit<LiveList, 'dialect'> & { dialect?: string }): Promise<number> => {
    let live = liveOf(db, realm, list.now).where('account_id', '=', list.accountId)
    if (list.dialect !== undefined) live = live.where('dialect', '=', list.dialect)
    return (await live.clearSelect().select(countRows).executeTakeFirstOrThrow()).count
  }

  return {
    ...seenSessions(db, realm),

    countLiveOf,

    /** The newest 100 live sessions that an account has through one dialect, newest first, and how many there are. */
    listLive: async (list: LiveList): Promise<{ sessions: SessionRow[]; total: number }> => {
      const sessions = await listLive(db, { ...list, realm })
      return { sessions, total: sessions.length < maxListed ? sessions.length : await countLiveOf(list) }
    },

    /** Those of these sessions that are live at one dialect, whoever has them. */
    liveAmong: async (ids: string[], dialect: string, now: number): Promise<SessionRow[]> =>
      ids.length === 0
        ? []
        : liveOf(db, realm, now).where('id', 'in', ids).where('dialect', '=', dialect).execute(),

    /** Up to `max` sessions of an account, ended ones too, newest first; behind that one, if one is given. */
    listBehind: (
      accountId: string,
      last: Pick<SessionRow, 'created_at' | 'id'> | undefined,
      max: number,
    ): Promise<SessionRow[]> => {
      const newest = sessionsOf(accountId).selectAll().orderBy('id', 'desc').limit(literal(max))
      if (!last) return newest.execute()
      return newest
        .where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '<', tuple(last.created_at, last.id)),
        )
        .execute()
    },

    /**
     * The IPs from which the newest `max` sessions of an account were opened, whether they have ended or not, and those
     * that it has brought along from another system.
     */
    ipsOf: async (accountId: string, max: number): Promise<string[]> => {
      const newest = sessionsOf(accountId).select('ip').limit(literal(max))
      const brought = db
        .selectFrom('known_addresses')
        .select((eb) => eb.ref('ip').$castTo<string | null>().as('ip'))
        .where('realm', '=', realm)
        .where('account_id', '=', accountId)
      const rows = await db.selectFrom(newest.as('newest')).select('ip').unionAll(brought).execute()
      return rows.flatMap(({ ip }) => ip ?? [])
    },
  }
}
