import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { findClient } from '../../core/clients/clients.ts'
import { listApps, type PersonsApp, withdrawApp } from '../../core/openid/apps.ts'
import { openidDoor } from '../../core/openid/door.ts'
import type { App } from '../../http/types.ts'
import { fillIn } from '../../lib/fill-in.ts'
import { textField } from '../form-fields.ts'
import { allowedText } from '../openid/scope-texts.ts'
import { textsFor } from '../texts.ts'
import { presentTime } from '../times.ts'
import { dateFor, readerOf } from './reader.ts'
import { goOn, type SendAccount } from './send.ts'

const path = '/ui/account/apps'

const AppForm = z.object({ client: textField })

/** What apps may do with a person's account by OpenID Connect, and how that is taken from them. */
export function appRoutes(scope: App, send: SendAccount): void {
  scope.get(path, async (request, reply) => {
    const { ctx, caller } = request.person
    const apps = await listApps(ctx, caller)
    return send({ request, reply }, 'apps', 'account-apps', {
      apps: apps.map((app) => presentApp(request, app)),
    })
  })

  // Wants no proof: it only takes away.
  scope.post(
    `${path}/withdraw`,
    { config: { page: path }, schema: { body: AppForm } },
    async (request, reply) => {
      const { ctx, caller } = request.person
      const { client } = request.body
      const app = nameOfApp(request, client)
      await withdrawApp(ctx, caller, client)
      return goOn(request, reply, path, { text: 'appWithdrawn', values: { app } })
    },
  )
}

function presentApp(request: FastifyRequest, { clientId, consent, sessions }: PersonsApp) {
  const texts = textsFor(request)
  const [last] = sessions
  const name = nameOfApp(request, clientId)
  const withdraw = fillIn(consent ? texts.appWithdrawOf : texts.appSignOutOf, { app: name })
  return {
    client: clientId,
    name,
    allowed: consent?.allowed.map((item) => allowedText(item, texts)) ?? [],
    since: consent && dateFor(request, consent.at),
    lastUsed: last && presentTime(last.last_used_at, readerOf(request)),
    isAllowed: consent !== undefined,
    withdraw,
  }
}

/** Of an app that is not known any more, its identifier. */
function nameOfApp(request: FastifyRequest, clientId: string): string {
  const client = findClient(request.person.ctx, openidDoor.dialect, clientId)
  return client?.brand.name ?? clientId.slice(0, 100)
}
