import { z } from 'zod'
import type { Door } from '../../core/context.ts'
import { doorSettings, rotationSetting, secretSetting } from '../../http/settings.ts'

const day = 86_400

/** As contracts/credebl.md has it. */
export const door: Door = {
  dialect: 'credebl',
  rotation: 'untilConfirmed',
  refreshToken: 'jwt',
  accessLifetime: 3600,
  idleLifetime: day,
  absoluteLifetime: 30 * day,
  maxSessions: 10,
  requiresVerifiedEmail: true,
  resetLifetime: 3600,
  bindsClient: false,
  emailClaim: true,
  secondFactorNeedsRecentSignIn: false,
}

/** What operators may set. */
export const settings = z.strictObject({
  ...doorSettings(door),
  ...rotationSetting(door, ['untilConfirmed', 'grace']),
  ...secretSetting(
    'passwordKey',
    z.string('must be text').min(1, 'must be text'),
    'What Studio encrypts passwords and session handles with, before it sends them',
  ),
})

export type Settings = Pick<z.output<typeof settings>, 'passwordKey'>

const host = z
  .string('must be a host such as example.com')
  .regex(/^[a-z\d]([a-z\d.-]*[a-z\d])?(:\d{1,5})?$/, 'must be a host such as example.com')

/** What operators may set of a client. */
export const clientSettings = z.strictObject({
  logoHosts: z
    .array(host, 'must be a list of hosts')
    .optional()
    .describe('Hosts from which a request may have a logo shown in a mail'),
})
