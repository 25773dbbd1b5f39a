import type { FastifyReply, FastifyRequest } from 'fastify'
import { accountNames } from '../../../core/accounts/find.ts'
import type { App } from '../../../http/types.ts'
import { exportTrail, formats, list, outcomes } from '../../operations/audit/audit.ts'
import type { ConsoleParts } from '../console.ts'
import { filtersOf, pagerFor, pathWith, realmBase, shownText } from '../lists.ts'
import { type Told, troubleOf } from '../problems.ts'
import { sendTextFile } from '../text-file.ts'
import { textsFor } from '../texts.ts'
import { canDo, performFor, sendConsole } from '../visit.ts'
import { liveRoute } from './live.ts'
import { presentRow } from './present.ts'

const names = ['event', 'outcome', 'account', 'ip', 'client', 'door', 'actor', 'since', 'until'] as const

/** The audit trail of a realm: what has happened, and what happens. */
export function auditPages(scope: App, parts: ConsoleParts): void {
  const path = '/admin/realms/:realm/audit'
  scope.get(path, async (request, reply) => {
    try {
      return await send(parts, request, reply)
    } catch (error) {
      return sendNothing(parts, request, reply, troubleOf(request, error))
    }
  })
  scope.post(`${path}/export`, async (request, reply) =>
    sendTextFile(reply, await performFor(request, exportTrail)),
  )
  liveRoute(scope, parts, `${path}/live`)
}

async function send(
  { sendPage }: ConsoleParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { desk } = request.visit
  const page = await performFor(request, list)
  const filters = filtersOf(request, names)
  const base = realmBase(request)
  const accounts = await accountNames(
    desk.ctx,
    page.items.flatMap(({ account }) => account ?? []),
  )
  const live = (request.query as { live?: unknown }).live === 'on'
  const last = page.items[0]?.id
  const data = {
    ...common(request),
    rows: page.items.map((row) => presentRow(request, { row, base, accounts })),
    shown: shownText(request, page.items.length),
    isFurther: page.next !== null,
    pager: live ? {} : pagerFor(request, filters, page),
    live,
    liveHref: pathWith(`${base}/audit`, { ...filters, live: live ? undefined : 'on' }),
    stream: live ? pathWith(`${base}/audit/live`, { ...filters, last }) : undefined,
  }
  return sendConsole(sendPage, { request, reply }, { template: 'audit', current: 'audit', data })
}

/** With what was wrong in a field, and no rows. */
function sendNothing(
  { sendPage }: ConsoleParts,
  request: FastifyRequest,
  reply: FastifyReply,
  trouble: Told,
): Promise<FastifyReply> {
  const data = { ...common(request), rows: [], pager: {}, shown: shownText(request, 0) }
  return sendConsole(sendPage, { request, reply, trouble }, { template: 'audit', current: 'audit', data })
}

function common(request: FastifyRequest) {
  const texts = textsFor(request)
  const filters = filtersOf(request, names)
  return {
    filters,
    isFiltered: Object.keys(filters).length > 0,
    outcomes: outcomes.map((value) => ({
      value,
      text: texts[`outcome_${value}`],
      isChosen: filters.outcome === value,
    })),
    formats: canDo(request, exportTrail) ? formats : [],
    exportAction: pathWith(`${realmBase(request)}/audit/export`, filters),
  }
}
