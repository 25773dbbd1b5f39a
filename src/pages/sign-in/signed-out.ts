import { z } from 'zod'
import type { Client } from '../../core/clients/client.ts'
import { findClient } from '../../core/clients/clients.ts'
import type { App } from '../../http/types.ts'
import { textField } from '../form-fields.ts'
import type { PageParts } from '../page-parts.ts'

const AppQuery = z.object({ dialect: textField, client: textField })

/**
 * What a browser is shown that was signed out: what has ended, and where to go from here. `dialect` and `client` may name
 * the app that it came from; nobody is led to an address that is not registered.
 */
export function signedOutPage(app: App, { ctx, sendPage }: PageParts): void {
  app.get('/ui/signed-out', { schema: { querystring: AppQuery } }, (request, reply) => {
    const { dialect, client } = request.query
    const from = findClient(ctx, dialect, client)
    const fields = { ...presentApp(from), signInPath: '/ui/account' }
    return sendPage(request, reply, 200, 'signed-out', fields, { brand: from?.brand })
  })
}

/** The app that a person may go back to, where it has pages of its own. */
function presentApp(client: Client | undefined): { appName?: string; appUrl?: string } {
  return client?.frontEndUrl === undefined ? {} : { appName: client.brand.name, appUrl: client.frontEndUrl }
}
