import type { FastifyRequest } from 'fastify'
import type { App } from '../../../http/types.ts'
import { add, change, list, remove, rotateSecret, show } from '../../operations/clients/clients.ts'
import { mostSessions } from '../../operations/clients/views.ts'
import { confirmation } from '../confirm.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { textsFor } from '../texts.ts'
import { canDo, performFor, sendConsole, timeFor } from '../visit.ts'
import { clientForms } from './form.ts'
import { clientPath, clientsPath, routeOfClient, routeOfClients } from './paths.ts'
import { secretForm } from './secret.ts'

/** The apps of a realm: those of the settings file, which are changed there, and those that were added. */
export function clientPages(scope: App, parts: ConsoleParts): void {
  listPage(scope, parts)
  // Before that of one client, as its path is like one.
  clientForms(scope, parts)
  showPage(scope, parts)
  secretForm(scope, parts)
  confirmation(scope, parts, {
    path: '/realms/:realm/clients/:dialect/:client/remove',
    operation: remove,
    current: 'clients',
    title: 'clientRemoveTitle',
    button: 'clientRemove',
    will: ['clientRemoveWill'],
    willNot: ['clientRemoveWillNot'],
    subject: async (request) => {
      const { name, id, dialect } = await performFor(request, show)
      return `${name} (${dialect} ${id})`
    },
    back: clientPath,
    next: clientsPath,
    notice: { text: 'clientRemoved' },
  })
}

function listPage(scope: App, { sendPage }: ConsoleParts): void {
  scope.get(routeOfClients, async (request, reply) => {
    const { items, next } = await performFor(request, list)
    const texts = textsFor(request)
    const data = {
      clients: items.map((client) => ({
        ...client,
        path: clientPath(request, client),
        originText: texts[`clientOrigin_${client.origin}`],
        lacksSecret: client.needsSecret && client.secretSetAt === null,
      })),
      next: next === null ? undefined : `${clientsPath(request)}?after=${encodeURIComponent(next)}`,
      isFirst: (request.query as { after?: string }).after === undefined,
      first: clientsPath(request),
      addPath: canDo(request, add) && hasDialects(request) ? `${clientsPath(request)}/new` : undefined,
    }
    return sendConsole(sendPage, { request, reply }, { template: 'clients', current: 'clients', data })
  })
}

function hasDialects({ visit }: FastifyRequest): boolean {
  const { means, ctx } = visit.desk
  return means.clientRules.dialectsOf(ctx.realm.name).length > 0
}

function showPage(scope: App, { sendPage }: ConsoleParts): void {
  scope.get(routeOfClient, async (request, reply) => {
    const client = await performFor(request, show)
    const texts = textsFor(request)
    const own = clientPath(request, client)
    const mayChange = canDo(request, change)
    const data = {
      client: {
        ...client,
        originText: texts[`clientOrigin_${client.origin}`],
        settings: Object.entries(client.settings).map(([name, value]) => ({ name, value: textOf(value) })),
        secretSet: timeFor(request, client.secretSetAt),
        liveSessions: client.liveSessions >= mostSessions ? `${mostSessions}+` : client.liveSessions,
      },
      note: noteOn(client.origin, request),
      back: clientsPath(request),
      editPath: mayChange && client.origin === 'added' ? `${own}/edit` : undefined,
      removePath: mayChange && client.origin !== 'declared' ? `${own}/remove` : undefined,
      secretPath: canDo(request, rotateSecret) && client.needsSecret ? `${own}/secret` : undefined,
    }
    return sendConsole(sendPage, { request, reply }, { template: 'client', current: 'clients', data })
  })
}

function noteOn(origin: string, request: FastifyRequest): string | undefined {
  const texts = textsFor(request)
  const { file } = request.visit.desk.means
  if (origin === 'registered') return texts.clientRegisteredNote
  if (origin !== 'declared') return undefined
  return file === undefined ? texts.clientDeclaredNote : `${texts.clientDeclaredNote} (${file})`
}

/** A setting on one line or several. */
function textOf(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
