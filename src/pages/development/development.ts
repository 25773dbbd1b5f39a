import { z } from 'zod'
import type { Realm } from '../../core/context.ts'
import { AuthError } from '../../core/errors.ts'
import type { OpenapiDocument } from '../../http/openapi/document.ts'
import { isForThisMachine } from '../../http/this-machine.ts'
import type { App } from '../../http/types.ts'
import { optionalText } from '../form-fields.ts'
import type { SendPage } from '../render.ts'
import { refuseOtherSites } from '../same-site.ts'
import { type CaughtMessage, presentMailbox, presentNews } from './mailbox-view.ts'
import { presentDocument } from './openapi-view.ts'

/** The messages that were kept instead of sent. */
export interface CaughtMessages {
  /** Newest first. */
  entries(): CaughtMessage[]
  clear(): void
}

export interface DevelopmentOptions {
  doors: { name: string; prefixes: string[] }[]
  /** What a door answers, by its name. */
  documentOf(door: string): Promise<OpenapiDocument>
  mailbox: CaughtMessages
  sendPage: SendPage
  /** Where the realm is for browsers. */
  publicUrl: string
  realm: Pick<Realm, 'accountPage'>
  /** Whether operators have their console here, too. */
  hasConsole: boolean
}

const MessagePath = z.object({ id: z.string() })
const Query = z.object({
  to: optionalText,
  id: optionalText,
  as: z.literal('text').optional().catch(undefined),
})

/** What a mail may do that is shown as it is: be styled, show pictures, and lead somewhere. */
const mailPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; sandbox; frame-ancestors 'self'"

/** The pages show a mail in a frame, and ask whether another one has come. */
const settings = { allows: ["frame-src 'self'", "connect-src 'self'"] }

/** The front page and the mailbox of development. They hold what mails hold, so nothing but this machine gets them. */
export async function developmentPages(app: App, options: DevelopmentOptions): Promise<void> {
  await app.register(async (scope: App) => {
    scope.addHook('onRequest', async (request) => {
      if (!isForThisMachine(request)) throw new AuthError('route_not_found')
    })
    refuseOtherSites(scope, options.sendPage)
    frontPage(scope, options)
    mailboxPages(scope, options)
    documentPages(scope, options)
  })
}

function frontPage(
  scope: App,
  { doors, mailbox, sendPage, publicUrl, realm, hasConsole }: DevelopmentOptions,
): void {
  const { protocol, host: publicHost } = new URL(publicUrl)

  scope.get('/', (request, reply) => {
    const { host = '' } = request.headers
    // Browsers use passkeys under a name alone, and not all keep secure cookies for an address.
    if (host.replace(/^(?:127\.0\.0\.1|\[::1\])/, 'localhost') === publicHost && host !== publicHost)
      return reply.redirect(`${protocol}//${publicHost}/`)
    const { accountPage } = realm
    const base = `http://${host}`
    const data = {
      accountPage,
      base,
      doors,
      example: exampleOf(doors, host),
      hasConsole,
      ...presentNews(mailbox.entries()),
    }
    return sendPage(request, reply, 200, 'dev-home', data, settings)
  })
}

/** What to try first, where the door for it is open: one option a line. */
function exampleOf(doors: DevelopmentOptions['doors'], host: string): string | undefined {
  const prefix = doors.find(({ name }) => name === 'minbil')?.prefixes[0]
  if (prefix === undefined) return undefined
  return [
    `curl -X POST http://${host}${prefix}/sign-up`,
    "-H 'Content-Type: application/json'",
    `-d '{"email": "owner@minbil.io", "password": "StrongPass123!"}'`,
  ].join(' \\\n  ')
}

function mailboxPages(scope: App, { mailbox, sendPage }: DevelopmentOptions): void {
  scope.get('/dev/mailbox', { schema: { querystring: Query } }, (request, reply) => {
    const data = presentMailbox(mailbox.entries(), request.query)
    return sendPage(request, reply, 200, 'dev-mailbox', data, settings)
  })
  scope.get('/dev/mailbox.json', async () => mailbox.entries())
  scope.get('/dev/mailbox/newest', async () => ({ id: presentNews(mailbox.entries()).newest }))
  scope.post('/dev/mailbox/delete', async (_request, reply) => {
    mailbox.clear()
    return reply.redirect('/dev/mailbox', 303)
  })
  scope.get('/dev/mailbox/:id', { schema: { params: MessagePath } }, async (request, reply) => {
    const message = mailbox.entries().find(({ id }) => id === request.params.id)
    if (!message?.html) throw new AuthError('route_not_found')
    return reply
      .headers({ 'content-security-policy': mailPolicy, 'x-frame-options': 'SAMEORIGIN' })
      .type('text/html; charset=utf-8')
      .send(message.html)
  })
}

/** What each door answers, for people and for their tools. */
function documentPages(scope: App, { doors, documentOf, mailbox, sendPage }: DevelopmentOptions): void {
  for (const { name } of doors) {
    scope.get(`/openapi/${name}.json`, () => documentOf(name))
    scope.get(`/openapi/${name}`, async (request, reply) => {
      const data = {
        name,
        ...presentDocument(await documentOf(name)),
        ...presentNews(mailbox.entries()),
      }
      return sendPage(request, reply, 200, 'dev-openapi', data)
    })
  }
}
