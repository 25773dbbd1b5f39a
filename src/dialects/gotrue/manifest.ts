import { z } from 'zod'
import { defineDoor, defineManifest, plainClient } from '../../config/dialect-manifest.ts'
import { redirectPattern } from '../../config/redirect-patterns.ts'
import { serviceKeySettings } from '../../config/service-key-settings.ts'
import { doorSettings, duration, oneOf, text, yesOrNo } from '../../config/setting-types.ts'
import { lettersAndDigits } from '../../core/keys/random-text.ts'

const day = 86_400

/** As contracts/gotrue.md has it. */
const door = defineDoor({
  dialect: 'gotrue',
  rotation: 'untilConfirmed',
  forgivesOlderTokens: true,
  idleLifetime: 90 * day,
  requiresVerifiedEmail: true,
  secondFactor: 'stepUp',
})

/** What operators may set. */
const settings = z.strictObject({
  ...doorSettings(door),
  // The client looks every 30 seconds, and refreshes what is good for less than 90 more.
  accessLifetime: duration({ min: '2m', max: '24h' })
    .optional()
    .describe('How long an access token is good (1h)'),
  autoconfirm: yesOrNo()
    .optional()
    .describe('Whether a sign-up signs in at once, before its e-mail address is confirmed (false)'),
  registration: oneOf(['on', 'off']).optional().describe('Whether people may sign up (on)'),
  enumeration: oneOf(['documented', 'hidden'])
    .optional()
    .describe('Whether a sign-up tells that an address is taken, as Supabase Auth does, or not (hidden)'),
  phone: yesOrNo()
    .optional()
    .describe(
      'Whether people sign in by a code to their phone, where there is a gateway for text messages (false)',
    ),
  pendingRole: oneOf(['mfa_pending', 'authenticated'])
    .optional()
    .describe(
      'The `role` in access tokens of a session that has still to show the second factor of its account (mfa_pending)',
    ),
  ...serviceKeySettings(),
})

export type Settings = Pick<
  z.output<typeof settings>,
  | 'autoconfirm'
  | 'registration'
  | 'enumeration'
  | 'phone'
  | 'pendingRole'
  | 'serviceKeys'
  | 'legacyJwtSecret'
  | 'serviceJwks'
>

/** What operators may set of an old server. */
const upstreamOptions = z.strictObject({
  apikey: text.optional().describe('The publishable key that its gateway asks for'),
})

const client = plainClient('gotrue', 'Supabase')

/** contracts/gotrue.md */
export const manifest = defineManifest({
  door,
  settings,
  variables: {
    GOTRUE_SERVICE_KEYS: 'serviceKeys',
    GOTRUE_LEGACY_JWT_SECRET: 'legacyJwtSecret',
  },
  upstreamOptions,
  oldTokens: { refresh: ['imported', 'relay'], sources: ['supabase'] },
  // A publishable key of the client's own server may be registered, too.
  clientIds: { alphabet: lettersAndDigits, length: 24 },
  prefixes: ['/auth/v1'],
  redirectUri: redirectPattern,
  clients: [client],
  demoClients: [{ ...client, origins: ['http://localhost:3000'], redirectUris: ['http://localhost:3000/'] }],
})
