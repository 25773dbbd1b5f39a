import { randomText } from '../core/keys/random-text.ts'
import { countRegistration } from '../core/openid/registration.ts'
import { secretPlaceholder } from './client-metadata.ts'
import { clientIds } from './manifest/manifest.ts'
import { paths } from './paths.ts'
import type { Middleware, Protocol } from './protocol.ts'
import { requestOf } from './requests.ts'

/** Whether and how clients register themselves (RFC 7591), and look after what they have said (RFC 7592). */
export function registrationOf({ ctx, settings }: Protocol) {
  const isOn = settings.registration !== 'off'
  return {
    registration: {
      enabled: isOn,
      initialAccessToken: settings.registration === 'token',
      idFactory: () => randomText(ctx, clientIds.alphabet, clientIds.length),
      secretFactory: () => ctx.randomBytes(32).toString('base64url'),
    },
    registrationManagement: { enabled: isOn },
  }
}

/** Before anything is fetched that a client names, so that nobody has this server ask others as often as they like. */
export function countRegistrations({ ctx: realm }: Protocol): Middleware {
  return async (ctx, next) => {
    const request = requestOf(ctx.req)
    const isCounted = request?.request.routeOptions.url?.startsWith(paths.registration)
    if (request && isCounted && (ctx.method === 'POST' || ctx.method === 'PUT'))
      await countRegistration({ ...realm, origin: request.origin })
    await next()
  }
}

/** A client is shown its secret once, with the answer that makes it: afterwards nobody has it. */
export function hideSecrets(): Middleware {
  return async (ctx, next) => {
    await next()
    if (!ctx.path.startsWith(`${paths.registration}/`)) return
    const body = ctx.body as { client_secret?: string; client_secret_expires_at?: number } | undefined
    if (body?.client_secret !== secretPlaceholder) return
    delete body.client_secret
    delete body.client_secret_expires_at
  }
}
