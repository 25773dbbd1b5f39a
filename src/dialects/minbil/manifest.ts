import { z } from 'zod'
import { defineManifest, plainClient } from '../../config/dialect-manifest.ts'
import { doorSettings, rotationSetting } from '../../config/setting-types.ts'
import type { DialectPolicy } from '../../core/context.ts'

const day = 86_400

/** As contracts/minbil.md has it. */
const door: DialectPolicy = {
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
const settings = z.strictObject({
  ...doorSettings(door),
  ...rotationSetting(door, ['grace', 'untilConfirmed']),
})

const client = plainClient('minbil', 'Minbil')

/** contracts/minbil.md */
export const manifest = defineManifest({
  door,
  settings,
  prefixes: ['/api/co/auth'],
  clients: [client],
  demoClients: [
    {
      ...client,
      origins: ['https://platform.minbil.no', 'http://localhost:3000'],
      redirectUris: ['https://platform.minbil.no/reset-password', 'http://localhost:3000/reset-password'],
    },
  ],
})
