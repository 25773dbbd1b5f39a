import { z } from 'zod'
import type { Door } from '../../core/context.ts'
import { doorSettings, oneOf, yesOrNo } from '../../http/settings.ts'

const day = 86_400

/** As contracts/pm2.md has it. */
export const door: Door = {
  dialect: 'pm2',
  rotation: 'static',
  refreshToken: 'opaque',
  accessLifetime: 3600,
  idleLifetime: 30 * day,
  absoluteLifetime: 365 * day,
  maxSessions: 100,
  requiresVerifiedEmail: false,
  resetLifetime: 3600,
  bindsClient: true,
  emailClaim: false,
  secondFactorNeedsRecentSignIn: false,
}

/** What operators may set. Refreshing never replaces the token, or the document's clients break. */
export const settings = z.strictObject({
  ...doorSettings(door),
  enumeration: oneOf(['documented', 'hidden'])
    .optional()
    .describe(
      'Whether /reset_password tells that nobody has an address, as the document says, or not (documented)',
    ),
  registration: oneOf(['on', 'off']).optional().describe('Whether people may sign up (on)'),
})

export type Settings = Pick<z.output<typeof settings>, 'enumeration' | 'registration'>

/** What operators may set of a client. */
export const clientSettings = z.strictObject({
  native: yesOrNo()
    .optional()
    .describe("An app on a person's own machine, whose loopback redirects may have any port (false)"),
})
