import type { FastifyRequest } from 'fastify'
import { serviceKeyJudge } from '../../core/managing/service-keys.ts'
import { bearerToken, readCaller } from '../../http/bearer.ts'
import type { App } from '../../http/types.ts'
import { errors, Refused } from './errors.ts'
import type { Settings } from './manifest.ts'

/** Tokens of these are the service keys of apps that have them from their old server. */
const roles = ['service_role', 'supabase_admin']

/** Keeps all routes of a scope for back ends with a service key, who is the actor of what is done. */
export function requireServiceKey(
  scope: App,
  { serviceKeys: digests, legacyJwtSecret: secret, serviceJwks: publicKeys }: Settings,
): void {
  const judge = serviceKeyJudge({ digests, secret, publicKeys, roles })
  scope.addHook('onRequest', async (request) => {
    const shown = bearerToken(request)
    const key = shown === undefined ? undefined : judge(shown, request.ctx.now())
    if (key?.actor !== undefined && !isFromBrowser(request)) {
      request.ctx = { ...request.ctx, actor: key.actor }
      return
    }
    // A token of a person is no key either, and is told so; what is none at all is refused as such.
    if (!key || (key.actor === undefined && !key.isToken)) await readCaller(request)
    throw new Refused(errors.access_denied)
  })
}

/** A key in a page is everybody's: what browsers alone send with requests. */
function isFromBrowser({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
}
