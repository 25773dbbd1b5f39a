import type { App } from '../http/types.ts'
import type { PageParts } from './login.ts'

/** What a browser is shown that was signed out. */
export function signedOutPage(app: App, { sendPage }: PageParts): void {
  app.get('/ui/signed-out', (request, reply) => sendPage(request, reply, 200, 'signed-out'))
}
