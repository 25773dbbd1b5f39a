import { z } from 'zod'
import { defineDoor, defineManifest, plainClient } from '../../config/dialect-manifest.ts'
import { doorSettings, rotationSetting, yesOrNo } from '../../config/setting-types.ts'

const day = 86_400

/** As contracts/wolfpal.md has it. */
const door = defineDoor({
  dialect: 'wolfpal',
  refreshToken: 'jwt',
  accessLifetime: 1800,
  idleLifetime: day,
  absoluteLifetime: 30 * day,
  requiresVerifiedEmail: true,
})

/** What operators may set. */
const settings = z.strictObject({
  ...doorSettings(door),
  ...rotationSetting(door, ['grace', 'untilConfirmed']),
  requireConfirmedEmail: yesOrNo()
    .optional()
    .describe('Whether an account must confirm its e-mail address before it can log in (true)'),
  secondFactorNeedsRecentSignIn: yesOrNo()
    .optional()
    .describe('Whether a second factor is set up and removed within ten minutes of a login alone (false)'),
})

export type Settings = Pick<z.output<typeof settings>, 'requireConfirmedEmail'>

const client = plainClient('wolfpal', 'WolfPal')

/** contracts/wolfpal.md */
export const manifest = defineManifest({
  door,
  settings,
  oldTokens: { refresh: ['imported', 'relay'] },
  prefixes: ['/auth', '/user', '/account', '/sessions'].flatMap((path) => [path, `/api${path}`]),
  clients: [client],
  demoClients: [{ ...client, origins: ['http://localhost:3000'] }],
})
