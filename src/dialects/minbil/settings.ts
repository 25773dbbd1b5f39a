import { z } from 'zod'
import type { Door } from '../../core/context.ts'
import { doorSettings, rotationSetting } from '../../http/settings.ts'

const day = 86_400

/** As contracts/minbil.md has it. */
export const door: Door = {
  dialect: 'minbil',
  rotation: 'grace',
  refreshToken: 'opaque',
  accessLifetime: 3600,
  idleLifetime: 30 * day,
  absoluteLifetime: 365 * day,
  maxSessions: 100,
  requiresVerifiedEmail: false,
  resetLifetime: 3600,
  bindsClient: false,
  emailClaim: false,
  secondFactorNeedsRecentSignIn: false,
}

/** What operators may set. */
export const settings = z.strictObject({
  ...doorSettings(door),
  ...rotationSetting(door, ['grace', 'untilConfirmed']),
})
