import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import type { App } from '../../../http/types.ts'
import { realmOverview, serverOverview } from '../../operations/overview/overview.ts'
import type { ConsoleParts } from '../console.ts'
import { realmPath } from '../menu.ts'
import { textsFor } from '../texts.ts'
import { canDo, performFor, sendConsole, timeFor } from '../visit.ts'
import { figureFor, numberText, pointsOf } from './figures.ts'
import { needsOf } from './needs.ts'

type RealmView = z.input<typeof realmOverview.output>
type ServerView = z.input<typeof serverOverview.output>

/** The first page: the last hour, what needs a hand, and the processes that serve; of all realms, or of one. */
export function overviewPages(scope: App, { sendPage }: ConsoleParts): void {
  const config = { isPolled: true }
  const show = (request: FastifyRequest, reply: FastifyReply, view: RealmView & Partial<ServerView>) =>
    sendConsole(
      sendPage,
      { request, reply },
      { template: 'overview', current: 'overview', data: dataOf(request, view) },
    )

  scope.get('/admin', { config }, async (request, reply) => {
    if (canDo(request, serverOverview)) return show(request, reply, await performFor(request, serverOverview))
    const { realm } = request.visit
    // Who is held to some realms has no view of the server.
    if (realm === undefined) throw new OperatorError('not_allowed')
    return reply.redirect(realmPath(realm), 303)
  })
  scope.get('/admin/realms/:realm', { config }, async (request, reply) =>
    show(request, reply, await performFor(request, realmOverview)),
  )
}

function dataOf(request: FastifyRequest, view: RealmView & Partial<ServerView>) {
  const { minutes, nodes } = view
  const figures = [
    figureFor(
      request,
      pointsOf(minutes, ({ signIns }) => signIns),
      { caption: 'chartSignIns', unit: 'perMinute' },
    ),
    figureFor(
      request,
      pointsOf(minutes, ({ refusals }) => refusals),
      { caption: 'chartRefusals', unit: 'perMinute' },
    ),
    figureFor(
      request,
      pointsOf(minutes, ({ refreshes }) => refreshes),
      { caption: 'chartRefreshes', unit: 'perMinute' },
    ),
    figureFor(
      request,
      pointsOf(minutes, ({ p99 }) => p99),
      { caption: 'chartP99', unit: 'milliseconds' },
    ),
  ]
  return {
    self: request.url.split('?', 1)[0],
    ofRealm: (request.params as { realm?: string }).realm,
    figures,
    needs: needsOf(request, view),
    nodes: nodes?.map((node) => ({
      ...node,
      started: timeFor(request, node.startedAt),
      seen: timeFor(request, node.seenAt),
      memory: `${numberText(request, node.rssBytes / 2 ** 20)} ${textsFor(request).mebibytes}`,
    })),
  }
}
