import { requestReauthentication } from '../../core/self-service/reauthentication.ts'
import type { App } from '../../http/types.ts'
import { instead, refusals } from './errors.ts'
import { base } from './paths.ts'

/** Mails a code that a change of the password takes as its `nonce`. */
export function reauthenticationRoute(app: App): void {
  app.get(`${base}/reauthenticate`, { errorHandler, exposeHeadRoute: false }, async ({ ctx, caller }) => {
    await requestReauthentication(ctx, caller)
    return {}
  })
}

const errorHandler = instead({
  validation_failed: refusals.noEmail,
  email_unverified: refusals.emailUnconfirmed,
})
