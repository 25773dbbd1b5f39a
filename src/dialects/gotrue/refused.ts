import type { App } from '../../http/types.ts'
import { Refused, type Row, refusals } from './errors.ts'
import { base } from './paths.ts'

/** What the client can ask for and this door has not, with the methods that it asks by; with a star, everything below. */
export const refused: { row: Row; paths: Record<string, string[]> }[] = [
  {
    row: refusals.saml,
    paths: { '/sso': ['POST'], '/admin/sso/*': ['GET', 'POST', 'PUT', 'DELETE'] },
  },
  { row: refusals.provider, paths: { '/authorize': ['GET'], '/callback': ['GET', 'POST'] } },
  { row: refusals.linking, paths: { '/user/identities/*': ['GET', 'DELETE'] } },
  {
    row: refusals.passkeys,
    paths: {
      '/passkeys': ['GET'],
      '/passkeys/*': ['POST', 'PATCH', 'DELETE'],
      '/admin/users/:id/passkeys': ['GET'],
      '/admin/users/:id/passkeys/*': ['DELETE'],
    },
  },
  {
    row: refusals.oauth,
    paths: {
      '/oauth/*': ['GET', 'POST'],
      '/user/oauth/grants': ['GET', 'DELETE'],
      '/admin/oauth/*': ['GET', 'POST', 'PUT', 'DELETE'],
      '/admin/custom-providers': ['GET', 'POST'],
      '/admin/custom-providers/*': ['GET', 'PUT', 'DELETE'],
    },
  },
]

/** Answers all of that as the client's own server does where it is off. */
export function refusedRoutes(app: App): void {
  for (const { paths, row } of refused)
    for (const [path, method] of Object.entries(paths))
      app.route({
        method,
        url: `${base}${path}`,
        exposeHeadRoute: false,
        handler: async () => {
          throw new Refused(row)
        },
      })
}
