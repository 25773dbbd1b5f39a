import type { FastifyRequest } from 'fastify'
import { readUserAgent } from '../../http/device.ts'
import type { App } from '../../http/types.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { perform } from '../operations/operation.ts'
import { count, end, endAll, list } from '../operations/sessions/sessions.ts'
import { confirmation } from './confirm.ts'
import type { ConsoleParts } from './console-parts.ts'
import { filtersOf, pagerFor, pathWith, realmBase, shownText } from './lists.ts'
import { textsFor } from './texts.ts'
import { canDo, goOn, performFor, sendConsole, timeFor } from './visit.ts'

const names = ['account', 'door', 'client', 'ip', 'since'] as const

type Session = Awaited<ReturnType<typeof list.run>>['items'][number]

/** A session as the pages show it. */
export function presentSession(request: FastifyRequest, session: Session) {
  const device = session.userAgent === null ? undefined : readUserAgent(session.userAgent)
  return {
    ...session,
    name: session.accountName ?? session.account,
    href: `${realmBase(request)}/accounts/${encodeURIComponent(session.account)}`,
    device: [device?.browser, device?.os].filter(Boolean).join(', ') || textsFor(request).unknownDevice,
    opened: timeFor(request, session.createdAt),
    lastUsed: timeFor(request, session.lastUsedAt),
  }
}

/** The live sessions of a realm. */
export function sessionPages(scope: App, parts: ConsoleParts): void {
  const path = '/admin/realms/:realm/sessions'
  scope.get(path, async (request, reply) => {
    const page = await performFor(request, list)
    const filters = filtersOf(request, names)
    const data = {
      filters,
      sessions: page.items.map((session) => presentSession(request, session)),
      shown: shownText(request, page.items.length),
      isFiltered: Object.keys(filters).length > 0,
      isFurther: page.next !== null,
      pager: pagerFor(request, filters, page),
      query: pathWith('', filters),
      endAll: canDo(request, endAll) ? pathWith(`${realmBase(request)}/sessions/end`, filters) : undefined,
      canEnd: canDo(request, end),
    }
    return sendConsole(
      parts.sendPage,
      { request, reply },
      { template: 'sessions', current: 'sessions', data },
    )
  })
  scope.post(`${path}/:session/end`, async (request, reply) => {
    await performFor(request, end)
    return goOn(request, reply, pathWith(`${realmBase(request)}/sessions`, filtersOf(request, names)), {
      text: 'sessionEnded',
    })
  })
  confirmation(scope, parts, {
    path: '/realms/:realm/sessions/end',
    operation: endAll,
    current: 'sessions',
    title: 'endAllTitle',
    button: 'endAll',
    will: ['endAllWill'],
    willNot: ['endAllWillNot'],
    fields: ['session-filters'],
    subject: countText,
    back: (request) => pathWith(`${realmBase(request)}/sessions`, filtersOf(request, names)),
    notice: { text: 'sessionsAllEnded' },
  })
}

/** How many it is about, and by which conditions. */
async function countText(request: FastifyRequest): Promise<string> {
  const filters = filtersOf(request, names)
  const found = await perform(count, request.visit.desk, filters)
  const texts = textsFor(request)
  const conditions = Object.entries(filters).map(([name, value]) => `${name} = ${value}`)
  const text = found.isMore ? texts.endAllCountMore : texts.endAllCount
  return fillIn(text, { count: found.count, filter: conditions.join(', ') || texts.endAllNoFilter })
}
