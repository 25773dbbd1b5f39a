import { z } from 'zod'
import type { Door } from '../../core/context.ts'
import { accessSettings, doorSettings, wholeNumber } from '../../http/settings.ts'

const hour = 3600

/** As contracts/vastly.md has it. */
export const door: Door = {
  dialect: 'vastly',
  rotation: 'static',
  refreshToken: 'opaque',
  accessLifetime: hour,
  // No refresh token is ever handed out, so a session is over with its access token.
  idleLifetime: hour,
  absoluteLifetime: hour,
  maxSessions: 100,
  requiresVerifiedEmail: false,
  resetLifetime: 1800,
  bindsClient: true,
  emailClaim: false,
  secondFactorNeedsRecentSignIn: false,
}

const { maxSessions } = doorSettings(door)

/** What operators may set. */
export const settings = z.strictObject({ ...accessSettings(door), maxSessions })

/** What operators may set of a client. */
export const clientSettings = z.strictObject({
  codeLength: wholeNumber({ min: 6, max: 10 }).optional().describe('Digits of a code by SMS (6)'),
})

/** The door whose sessions live as long as their one access token. */
export function doorFor({ accessLifetime = hour }: { accessLifetime?: number }): Door {
  return { ...door, accessLifetime, idleLifetime: accessLifetime, absoluteLifetime: accessLifetime }
}
