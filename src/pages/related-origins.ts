import type { RealmContext } from '../core/context.ts'
import { relatedOrigins } from '../core/passkeys/settings.ts'
import type { App } from '../http/types.ts'

/** Tells browsers which pages of other domains may use the passkeys of this one (WebAuthn §5.11), where there are such. */
export function relatedOriginsRoute(app: App, { realm }: RealmContext): void {
  const origins = realm.passkeys ? relatedOrigins(realm.passkeys) : []
  if (origins.length === 0) return
  app.get('/.well-known/webauthn', async (_request, reply) => {
    reply.header('cache-control', 'public, max-age=300')
    return { origins }
  })
}
