import type { Configuration } from 'oidc-provider'
import { paths } from './paths.ts'
import type { Middleware } from './protocol.ts'

/** A client revokes its own tokens alone (RFC 7009 §2.1); those of another one it is not told of. */
export const revocation = {
  enabled: true,
  allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
} satisfies NonNullable<Configuration['features']>['revocation']

/** An answer without a body says no type of one: `oidc-client-ts` takes any but that of JSON for a failure. */
export function sayNoType(): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.path === paths.revocation && ctx.body === '') ctx.response.remove('Content-Type')
  }
}
