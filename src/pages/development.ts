import type { FastifyRequest } from 'fastify'
import { AuthError } from '../core/errors.ts'
import type { App } from '../http/app.ts'
import { sendPage } from './render.ts'

/** A message that was kept instead of sent. */
export interface CaughtMessage {
  id: string
  /** Epoch milliseconds. */
  at: number
  channel: 'mail' | 'sms'
  to: string
  subject: string
  text: string
  html: string
  links: string[]
}

export interface DevelopmentOptions {
  doors: { name: string; prefixes: string[] }[]
  /** Newest first. */
  messages: () => CaughtMessage[]
}

/** The front page and the mailbox of development. They hold what mails hold, so nothing but this machine gets them. */
export async function developmentPages(app: App, { doors, messages }: DevelopmentOptions): Promise<void> {
  await app.register(async (scope: App) => {
    scope.addHook('onRequest', async (request) => {
      if (!isForThisMachine(request)) throw new AuthError('route_not_found')
    })
    scope.get('/', (request, reply) =>
      sendPage(reply, 200, 'dev-home', { doors, base: `http://${request.headers.host}` }),
    )
    scope.get('/dev/mailbox', (_request, reply) =>
      sendPage(reply, 200, 'dev-mailbox', { messages: messages().map(withDate) }),
    )
    scope.get('/dev/mailbox.json', async () => messages())
  })
}

const loopback = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/
const localHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/** By its peer, and by the name that was asked for: a page elsewhere can make its own name point here. */
function isForThisMachine(request: FastifyRequest): boolean {
  return loopback.test(request.socket.remoteAddress ?? '') && localHost.test(request.headers.host ?? '')
}

function withDate(message: CaughtMessage) {
  return { ...message, date: new Date(message.at).toISOString() }
}
