import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isProven } from '../../core/accounts/proven-names.ts'
import { type Activity, listActivity } from '../../core/self-service/activity.ts'
import { deviceOf } from '../../http/device.ts'
import type { App } from '../../http/types.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { textsFor } from '../texts.ts'
import { presentTime } from '../times.ts'
import { appText } from './app-text.ts'
import { deviceText } from './device-text.ts'
import { changes, personalEvents, textOfEvent } from './event-texts.ts'
import { readerOf } from './reader.ts'
import type { SendAccount } from './send.ts'

const path = '/ui/account/activity'

/** Where the list goes on: the time and the id of the row before. */
const Before = z
  .string()
  .regex(/^\d{1,15}\.[\w-]{1,64}$/)
  .transform((text) => {
    const [at = '', id = ''] = text.split('.')
    return { at: Number(at), id }
  })

const ActivityQuery = z.object({
  before: Before.optional().catch(undefined),
  only: z.literal('changes').optional().catch(undefined),
})

/** What has happened to a person's account, in words. */
export function activityRoutes(scope: App, send: SendAccount): void {
  scope.get(path, { schema: { querystring: ActivityQuery } }, async (request, reply) => {
    const { ctx, caller } = request.person
    const { before, only } = request.query
    const filter =
      only === 'changes' ? { events: changes, outcome: 'success' as const } : { events: personalEvents }
    const activity = await listActivity(ctx, caller, { ...filter, before })
    const { older } = activity
    const begun = only === 'changes' ? `${path}?only=changes&` : `${path}?`
    return send({ request, reply }, 'activity', 'account-activity', {
      rows: presentRows(request, activity),
      onlyChanges: only === 'changes',
      older: older && `${begun}before=${older.at}.${older.id}`,
      newest: before && begun.slice(0, -1),
      zone: fillIn(textsFor(request).activityZone, { zone: readerOf(request).timeZone ?? 'UTC' }),
    })
  })
}

function presentRows(request: FastifyRequest, { rows, sessions }: Activity) {
  const { ctx, caller } = request.person
  const isOwner = isProven(caller.account)
  const texts = textsFor(request)
  return rows.map((row) => {
    const session = row.session_id === null ? undefined : sessions.get(row.session_id)
    const device = session && deviceOf(session)
    return {
      text: texts[textOfEvent(row)],
      time: presentTime(row.at, readerOf(request)),
      app: row.dialect === null ? undefined : appText(ctx, row, texts),
      // Who opens an account for an address of somebody else does not learn from where that one tries to sign in.
      // Nor does anybody from where an operator works.
      ip: row.actor === null && (row.outcome === 'success' || isOwner) ? (row.ip ?? undefined) : undefined,
      device: device?.browser || device?.os ? deviceText(device, texts) : undefined,
      isRefused: row.outcome === 'refused',
      isByService: row.actor !== null,
    }
  })
}
