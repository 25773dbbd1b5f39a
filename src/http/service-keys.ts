import type { FastifyRequest } from 'fastify'
import { AuthError } from '../core/errors.ts'
import { type AcceptedKeys, serviceKeyJudge } from '../core/managing/service-keys.ts'
import { bearerToken, readCaller } from './bearer.ts'
import type { App } from './types.ts'

/** What a realm takes for a service key, under the names that it has in the settings (`serviceKeySettings`). */
export interface ServiceKeys {
  serviceKeys?: readonly { digest: string }[]
  legacyJwtSecret?: AcceptedKeys['secret']
  serviceJwks?: AcceptedKeys['publicKeys']
  /** The values of `role` in a token of the server before this one that are a service's. */
  roles: AcceptedKeys['roles']
}

/**
 * Keeps all routes of a scope for back ends with a service key, who is the actor of what is done. A person's token is
 * refused with `access_denied`, as every key that comes from a browser is; whatever is none, with `access_invalid`.
 */
export function requireServiceKey(
  scope: App,
  { serviceKeys, legacyJwtSecret: secret, serviceJwks: publicKeys, roles }: ServiceKeys,
): void {
  const digests = serviceKeys?.map(({ digest }) => digest)
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
    throw new AuthError('access_denied')
  })
}

/** A key in a page is everybody's: what browsers alone send with requests. */
function isFromBrowser({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined
}
