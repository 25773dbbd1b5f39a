import type { App } from '../../http/types.ts'
import { Refused, type Row, refusals } from './errors.ts'
import { base } from './paths.ts'

/** Answers what the client can ask for and this door has not, as its own server does where that is off. */
export function refusedRoutes(app: App): void {
  refuseAll(app, ['POST'], '/sso', refusals.saml)
  refuseAll(app, ['GET', 'POST'], '/authorize', refusals.provider)
  refuseAll(app, ['GET', 'POST'], '/callback', refusals.provider)
  for (const path of ['/user/identities/*']) refuseAll(app, ['GET', 'POST', 'DELETE'], path, refusals.linking)
  refuseAll(app, ['GET', 'POST', 'PATCH', 'DELETE'], '/passkeys/*', refusals.passkeys)
  refuseAll(app, ['GET', 'POST', 'PUT', 'DELETE'], '/oauth/*', refusals.oauth)
}

function refuseAll(app: App, method: string[], path: string, row: Row): void {
  app.route({
    method,
    url: `${base}${path}`,
    exposeHeadRoute: false,
    handler: async () => {
      throw new Refused(row)
    },
  })
}
