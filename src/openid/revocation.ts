import { paths } from './paths.ts'
import type { Middleware } from './protocol.ts'

/** An answer without a body says no type of one: `oidc-client-ts` takes any but that of JSON for a failure. */
export function sayNoType(): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.path === paths.revocation && ctx.body === '') ctx.response.remove('Content-Type')
  }
}
