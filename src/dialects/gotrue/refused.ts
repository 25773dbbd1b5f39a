import type { App } from '../../http/types.ts'
import { Refused, type Row, refusals } from './errors.ts'
import { base } from './paths.ts'

/** What the client can ask for and this door has not: with a star, everything below. */
const refused: { paths: string[]; row: Row }[] = [
  { paths: ['/sso', '/admin/sso/*'], row: refusals.saml },
  { paths: ['/authorize', '/callback'], row: refusals.provider },
  { paths: ['/user/identities/*'], row: refusals.linking },
  {
    paths: ['/passkeys', '/passkeys/*', '/admin/users/:id/passkeys', '/admin/users/:id/passkeys/*'],
    row: refusals.passkeys,
  },
  {
    paths: [
      '/oauth/*',
      '/user/oauth/grants',
      '/admin/oauth/*',
      '/admin/custom-providers',
      '/admin/custom-providers/*',
    ],
    row: refusals.oauth,
  },
]

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Answers all of that as the client's own server does where it is off. */
export function refusedRoutes(app: App): void {
  for (const { paths, row } of refused) for (const path of paths) refuseAll(app, path, row)
}

function refuseAll(app: App, path: string, row: Row): void {
  app.route({
    method: methods,
    url: `${base}${path}`,
    exposeHeadRoute: false,
    handler: async () => {
      throw new Refused(row)
    },
  })
}
