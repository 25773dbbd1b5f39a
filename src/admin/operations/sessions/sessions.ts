import { z } from 'zod'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { endSessionByHand } from '../../../core/sessions/account-sessions.ts'
import {
  countLiveSessionsOf,
  endLiveSessions,
  type ListedSession,
  listLiveSessions,
} from '../../../core/sessions/live-list.ts'
import { optional } from '../../../http/fields.ts'
import { optionalText, optionalTime, pageOf, placeFields, placeOf, presentPage } from '../list-fields.ts'
import { defineOperation, nothing, reasonField } from '../operation.ts'
import { isoTime } from '../times.ts'

const filterFields = {
  account: optional(z.string().max(255)).describe('The id of an account'),
  door: optionalText(100),
  client: optionalText(255).describe('The id of a client'),
  ip: optionalText(45),
  since: optionalTime.describe('Opened then or later, in ISO 8601'),
}

interface Given {
  account?: string | undefined
  door?: string | undefined
  client?: string | undefined
  ip?: string | undefined
  since?: number | undefined
}

function filterOf({ account: accountId, door: dialect, client: clientId, ip, since }: Given) {
  return { accountId, dialect, clientId, ip, since }
}

const SessionView = z.object({
  id: z.string(),
  account: z.string(),
  accountName: z.string().nullable().describe('What the account is called'),
  door: z.string(),
  client: z.string(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: z.string(),
  lastUsedAt: z.string(),
  expiresAt: z.string().describe('When it ends without being used, or at the latest'),
})

function present({ session, account }: ListedSession): z.input<typeof SessionView> {
  return {
    id: session.id,
    account: session.account_id,
    accountName: account?.email ?? account?.username ?? account?.phone ?? null,
    door: session.dialect,
    client: session.client_id,
    ip: session.ip,
    userAgent: session.user_agent,
    createdAt: isoTime(session.created_at),
    lastUsedAt: isoTime(session.last_used_at),
    expiresAt: isoTime(session.idle_expires_at),
  }
}

export const list = defineOperation({
  name: 'sessions.list',
  summary: 'List live sessions, the one that was opened last first',
  capability: 'sessions.read',
  at: 'realm',
  method: 'GET',
  path: '/sessions',
  input: z.object({ ...filterFields, ...placeFields }),
  output: pageOf(SessionView),
  run: async ({ ctx }, { after, before, most, ...given }) => {
    const place = placeOf({ after, before, most })
    return presentPage(await listLiveSessions(ctx, { filter: filterOf(given), ...place }), present)
  },
})

export const count = defineOperation({
  name: 'sessions.count',
  summary: 'Count live sessions, as far as ten thousand',
  capability: 'sessions.read',
  at: 'realm',
  method: 'GET',
  path: '/sessions/count',
  input: z.object(filterFields),
  output: z.object({ count: z.number(), isMore: z.boolean().describe('There are more than these') }),
  run: ({ ctx }, given) => countLiveSessionsOf(ctx, filterOf(given)),
})

export const end = defineOperation({
  name: 'sessions.end',
  summary: 'End a session: its tokens are refused from now on',
  capability: 'sessions.end',
  at: 'realm',
  method: 'POST',
  path: '/sessions/:session/end',
  input: z.object({ session: z.guid() }),
  output: nothing,
  run: async ({ ctx }, { session }) => {
    if (!(await endSessionByHand(ctx, session))) throw new OperatorError('not_found')
    return {}
  },
})

export const endAll = defineOperation({
  name: 'sessions.end_all',
  summary: 'End every live session that meets all conditions given',
  capability: 'sessions.end',
  at: 'realm',
  method: 'POST',
  path: '/sessions/end',
  isDangerous: true,
  input: z.object({ ...filterFields, reason: reasonField }),
  output: z.object({ ended: z.number() }),
  run: async ({ ctx }, { reason: _reason, ...given }) => ({
    ended: await endLiveSessions(ctx, filterOf(given)),
  }),
})

/** What can be seen of sessions and done to them. */
export const sessionOperations = [list, count, end, endAll]
