import { confirmSignUp } from '../../core/accounts/confirmation.ts'
import { signInNewAccount } from '../../core/sessions/open-session.ts'
import type { App } from '../../http/types.ts'
import { instead, invalid, row } from './errors.ts'
import * as fields from './fields.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { presentSession, presentUser } from './present.ts'

export function verifyRoutes(app: App, settings: Settings): void {
  app.post(`${base}/verify`, { schema: { body: fields.Verify }, errorHandler }, async ({ ctx, body }) => {
    const { type, token_hash: token } = body
    if (type !== 'signup' || token === undefined) throw invalid('Verify requires a verification type')
    const { account, tokens } = await signInNewAccount(ctx, await confirmSignUp(ctx, token))
    return presentSession(tokens, presentUser(account, settings))
  })
}

const errorHandler = instead({
  ticket_invalid: row(403, 'otp_expired', 'Email link is invalid or has expired'),
})
