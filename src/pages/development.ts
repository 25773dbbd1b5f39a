import { z } from 'zod'
import { AuthError } from '../core/errors.ts'
import { isForThisMachine } from '../http/this-machine.ts'
import type { App } from '../http/types.ts'
import type { SendPage } from './render.ts'

/** A message that was kept instead of sent, with whatever else its page shows. */
export interface CaughtMessage {
  id: string
  /** Epoch milliseconds. */
  at: number
  html: string
}

export interface DevelopmentOptions {
  doors: { name: string; prefixes: string[] }[]
  /** Newest first. */
  messages: () => CaughtMessage[]
  sendPage: SendPage
}

const MessagePath = z.object({ id: z.string() })

/** What a mail may do that is shown as it is: be styled, show pictures, and lead somewhere. */
const mailPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; sandbox; frame-ancestors 'none'"

/** The front page and the mailbox of development. They hold what mails hold, so nothing but this machine gets them. */
export async function developmentPages(
  app: App,
  { doors, messages, sendPage }: DevelopmentOptions,
): Promise<void> {
  await app.register(async (scope: App) => {
    scope.addHook('onRequest', async (request) => {
      if (!isForThisMachine(request)) throw new AuthError('route_not_found')
    })
    scope.get('/', (request, reply) =>
      sendPage(request, reply, 200, 'dev-home', { doors, base: `http://${request.headers.host}` }),
    )
    scope.get('/dev/mailbox', (request, reply) =>
      sendPage(request, reply, 200, 'dev-mailbox', { messages: messages().map(withDate) }),
    )
    scope.get('/dev/mailbox.json', async () => messages())
    scope.get('/dev/mailbox/:id', { schema: { params: MessagePath } }, async (request, reply) => {
      const message = messages().find(({ id }) => id === request.params.id)
      if (!message?.html) throw new AuthError('route_not_found')
      return reply
        .header('content-security-policy', mailPolicy)
        .type('text/html; charset=utf-8')
        .send(message.html)
    })
  })
}

function withDate(message: CaughtMessage) {
  return { ...message, date: new Date(message.at).toISOString() }
}
