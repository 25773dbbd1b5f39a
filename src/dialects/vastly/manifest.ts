import { z } from 'zod'
import { defineDoor, defineManifest, plainClient } from '../../config/dialect-manifest.ts'
import { accessSettings, doorSettings, wholeNumber } from '../../config/setting-types.ts'
import type { DialectPolicy } from '../../core/dialect-policy.ts'
import { lettersAndDigits } from '../../core/keys/random-text.ts'
import { genericSettings } from '../../upstream/generic-settings.ts'

const hour = 3600

/** As contracts/vastly.md has it. */
const door = defineDoor({
  dialect: 'vastly',
  rotation: 'static',
  // No refresh token is ever handed out, so a session is over with its access token.
  idleLifetime: hour,
  absoluteLifetime: hour,
  resetLifetime: 1800,
  bindsClient: true,
})

const { maxSessions } = doorSettings(door)

/** What operators may set. */
const settings = z.strictObject({ ...accessSettings(door), maxSessions })

/** What operators may set of a client. */
const clientSettings = z.strictObject({
  codeLength: wholeNumber({ min: 6, max: 10 }).optional().describe('Digits of a code by SMS (6)'),
})

/** What operators may set of an old server: the client that it is to know, and whatever is otherwise there. */
export const upstreamOptions = genericSettings.partial().extend({
  clientId: z
    .string('must be the id of a client that the old server knows')
    .describe('The id of a client that the old server knows'),
  origin: z.string('must be an origin of that client').describe('An origin of that client'),
})

/** The door whose sessions live as long as their one access token. */
export function doorFor({ accessLifetime = hour }: { accessLifetime?: number }): DialectPolicy {
  return { ...door, accessLifetime, idleLifetime: accessLifetime, absoluteLifetime: accessLifetime }
}

/**
 * Every request names its client, so this one is nobody's: it has no origin, and the client check passes it
 * over.
 */
const nobody = plainClient('vastly', 'Vastly')

/** contracts/vastly.md */
export const manifest = defineManifest({
  door,
  settings,
  oldTokens: { refresh: [] },
  clientSettings,
  upstreamOptions,
  clientIds: { alphabet: lettersAndDigits, length: 21 },
  prefixes: ['/api/v1/auth'],
  clients: [nobody],
  demoClients: [
    nobody,
    {
      ...nobody,
      id: 'pSpisBrYn4yIP1vGILcdZ',
      kind: 'registered',
      origins: ['http://localhost:3000'],
      settings: {},
    },
    {
      ...nobody,
      id: 'hW3kT9uZx0QbLr7mNvE2a',
      kind: 'registered',
      origins: ['http://localhost:3001', 'http://localhost:3002'],
      brand: { name: 'Vastly Office' },
      settings: { codeLength: 8 },
    },
  ],
})
