import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { endDevice, endOtherDevices, listDevices } from '../../core/self-service/devices.ts'
import { deviceOf } from '../../http/device.ts'
import type { App } from '../../http/types.ts'
import { fillIn } from '../../lib/fill-in.ts'
import type { SessionRow } from '../../store/schema.ts'
import { textsFor } from '../texts.ts'
import { presentTime } from '../times.ts'
import { appText } from './app-text.ts'
import { deviceText } from './device-text.ts'
import { readerOf } from './reader.ts'
import { goOn, type SendAccount } from './send.ts'

const path = '/ui/account/devices'

/** What is no id names no session, and a database takes no zero character to look for. */
const Device = z.object({ id: z.guid().catch('') })

/** Where a person is signed in, through whichever door, and how to be signed out there. */
export function deviceRoutes(scope: App, send: SendAccount): void {
  scope.get(path, async (request, reply) => {
    const { ctx, caller } = request.person
    const { own, others, more } = await listDevices(ctx, caller)
    const texts = textsFor(request)
    const isApp = appsIn([own, ...others])
    const count = 1 + others.filter((session) => !isApp(session)).length + more
    return send({ request, reply }, 'devices', 'account-devices', {
      own: presentDevice(request, own),
      others: behindTheirs([own, ...others])
        .filter((session) => session !== own)
        .map((session) => ({
          ...presentDevice(request, session),
          ...(isApp(session) && { app: appInBrowser(request, session, own) }),
        })),
      count: fillIn(texts.devicesCount, { count }),
      more: more > 0 && fillIn(texts.devicesMore, { count: more }),
    })
  })

  // Neither wants a proof: they only take away.
  scope.post(`${path}/end-others`, { config: { page: path } }, async (request, reply) => {
    const { ctx, caller } = request.person
    await endOtherDevices(ctx, caller)
    return goOn(request, reply, path, { text: 'devicesEnded' })
  })

  scope.post(
    `${path}/:id/end`,
    { config: { page: path }, schema: { params: Device } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      const session = await endDevice(ctx, caller, request.params.id)
      const device = deviceText(deviceOf(session), textsFor(request))
      return goOn(request, reply, path, { text: 'deviceEnded', values: { device } })
    },
  )
}

/** Which of these sessions an app has through the session of a browser that is among them, too. */
function appsIn(sessions: SessionRow[]): (session: SessionRow) => boolean {
  const ids = new Set(sessions.map(({ id }) => id))
  return ({ parent_id: parent }) => parent !== null && ids.has(parent)
}

/** The same sessions with those of apps behind that of the browser which they were signed in through. */
function behindTheirs(sessions: SessionRow[]): SessionRow[] {
  const isApp = appsIn(sessions)
  return sessions
    .filter((session) => !isApp(session))
    .flatMap((browser) => [browser, ...sessions.filter(({ parent_id: parent }) => parent === browser.id)])
}

function appInBrowser(request: FastifyRequest, session: SessionRow, own: SessionRow): string {
  const texts = textsFor(request)
  const text = session.parent_id === own.id ? texts.deviceAppHere : texts.deviceAppThere
  return fillIn(text, { app: appText(request.person.ctx, session, texts) })
}

function presentDevice(request: FastifyRequest, session: SessionRow) {
  const texts = textsFor(request)
  const reader = readerOf(request)
  const name = deviceText(deviceOf(session), texts)
  return {
    id: session.id,
    name,
    signOut: fillIn(texts.deviceSignOutOf, { device: name }),
    app: appText(request.person.ctx, session, texts),
    ip: session.ip ?? undefined,
    lastUsed: presentTime(session.last_used_at, reader),
    since: presentTime(session.created_at, reader),
  }
}
