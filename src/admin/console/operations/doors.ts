import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { App } from '../../../http/types.ts'
import { listDoors } from '../../operations/overview/doors.ts'
import type { ConsoleParts } from '../console.ts'
import { realmPath } from '../menu.ts'
import { textsFor } from '../texts.ts'
import { performFor, sendConsole, timeFor } from '../visit.ts'
import { numberText, pointsOf, sparkFor } from './figures.ts'

type DoorView = z.input<typeof listDoors.output>['items'][number]

/** A card for each door of a realm: what it was asked for in the last hour, and whom it has refused. */
export function doorPages(scope: App, { sendPage }: ConsoleParts): void {
  scope.get('/admin/realms/:realm/doors', async (request, reply) => {
    const { items } = await performFor(request, listDoors)
    const data = { doors: items.map((door) => cardOf(request, door)) }
    return sendConsole(sendPage, { request, reply }, { template: 'doors', current: 'doors', data })
  })
}

function cardOf(request: FastifyRequest, door: DoorView) {
  const { dialect, ok, refused, failed, minutes, refusals } = door
  const texts = textsFor(request)
  const number = (value: number | null) => (value === null ? texts.nothingShort : numberText(request, value))
  const { realm } = request.params as { realm: string }
  return {
    name: dialect === '' ? texts.pagesForPeople : dialect,
    isAsked: ok + refused + failed > 0,
    requests: number(ok + refused + failed),
    refused: number(refused),
    failed: number(failed),
    p50: number(door.p50),
    p99: number(door.p99),
    sparks: {
      requests: sparkFor(
        request,
        pointsOf(minutes, ({ requests }) => requests),
        { caption: 'chartRequests', unit: 'perMinute' },
      ),
      refused: sparkFor(
        request,
        pointsOf(minutes, ({ refused }) => refused),
        { caption: 'chartRefusals', unit: 'perMinute' },
      ),
      p99: sparkFor(
        request,
        pointsOf(minutes, ({ p99 }) => p99),
        { caption: 'chartP99', unit: 'milliseconds' },
      ),
    },
    outcomes: door.outcomes.map(({ outcome, count }) => ({ outcome, count: number(count) })),
    refusals: refusals.map((row) => ({ ...row, time: timeFor(request, row.at) })),
    audit:
      dialect === ''
        ? undefined
        : `${realmPath(realm)}/audit?door=${encodeURIComponent(dialect)}&outcome=refused`,
  }
}
