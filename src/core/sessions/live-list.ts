import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { LiveFilter } from '../../store/tables/lists/sessions.ts'
import { recordEvent } from '../audit/audit.ts'
import { type AnyContext, type RealmContext, stopClock } from '../context.ts'
import { type Page, type Place, readPage } from '../lists/pages.ts'
import { hurryTellingEnds } from '../openid/tell-ends.ts'

/** A live session, and whose it is. */
export interface ListedSession {
  session: SessionRow
  account?: AccountRow
}

/** A page of the live sessions of a realm, the one that was opened last first. Throws `validation_failed`. */
export async function listLiveSessions(
  ctx: RealmContext,
  { filter, ...place }: Place & { filter: LiveFilter },
): Promise<Page<ListedSession>> {
  const now = ctx.now()
  const page = await readPage<[string], SessionRow>(place, {
    shape: [''],
    partsOf: ({ id }) => [id],
    read: async ({ from, isUp, max }) => {
      const { rows, stoppedAt } = await ctx.store.lists.sessions({ filter, now, from: from?.[0], isUp, max })
      return { items: rows, stoppedAt: stoppedAt === undefined ? undefined : [stoppedAt] }
    },
  })
  const ids = [...new Set(page.items.map(({ account_id }) => account_id))]
  const accounts = ids.length === 0 ? [] : await ctx.store.accounts.byIds(ids)
  const byId = new Map(accounts.map((account) => [account.id, account]))
  return { ...page, items: page.items.map((session) => ({ session, account: byId.get(session.account_id) })) }
}

/** As far as sessions are counted. */
const maxCounted = 10_000

/** How many live sessions a filter finds; `isMore` when there are more than the ten thousand that are counted. */
export async function countLiveSessionsOf(
  ctx: RealmContext,
  filter: LiveFilter,
): Promise<{ count: number; isMore: boolean }> {
  const count = await ctx.store.lists.countSessions({ filter, now: ctx.now(), most: maxCounted + 1 })
  return { count: Math.min(count, maxCounted), isMore: count > maxCounted }
}

/** Sessions that are read at once. */
const batch = 200
/** Sessions that are ended at once: on SQLite they share a flush to the disk. */
const parallel = 20

/**
 * Ends the live sessions that a filter finds, on an operator's word, a few at a time; those that are opened meanwhile
 * stay. Returns how many. Nothing that an account holds besides is taken: neither its trusted devices nor the sessions
 * that an old server has opened. The audit trail has one row for all of them, written first: what then is cut short can
 * be done again.
 */
export async function endLiveSessions(ctx: AnyContext, filter: LiveFilter): Promise<number> {
  const begun = stopClock(ctx)
  await recordEvent(begun, 'sessions.ended', { accountId: filter.accountId, detail: filterText(filter) })
  let ended = 0
  let from: string | undefined
  do {
    const { rows, stoppedAt } = await ctx.store.lists.sessions({ filter, now: begun.now(), from, max: batch })
    for (let at = 0; at < rows.length; at += parallel)
      ended += await endAllOf(begun, rows.slice(at, at + parallel))
    from = rows.length < batch ? stoppedAt : rows.at(-1)?.id
  } while (from !== undefined)
  hurryTellingEnds(ctx)
  return ended
}

/** Each by itself: in one transaction they would wait for those who hold others of the same accounts, and the other way round. */
async function endAllOf({ store, now }: AnyContext, sessions: SessionRow[]): Promise<number> {
  const ends = sessions.map((session) => store.sessions.end(session, 'ended_by_operator', now()))
  return (await Promise.all(ends)).filter((ended) => ended !== undefined).length
}

/** What was asked for, for the audit trail. */
function filterText({ dialect, clientId, ip, since }: LiveFilter): string {
  const parts = [
    dialect === undefined ? [] : [`door=${dialect}`],
    clientId === undefined ? [] : [`client=${clientId}`],
    ip === undefined ? [] : [`ip=${ip}`],
    since === undefined ? [] : [`since=${new Date(since).toISOString()}`],
  ]
  return parts.flat().join(' ') || 'all'
}
