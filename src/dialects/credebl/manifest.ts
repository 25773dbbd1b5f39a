import { z } from 'zod'
import { defineDoor, defineManifest, plainClient } from '../../config/dialect-manifest.ts'
import { doorSettings, rotationSetting, secretSetting } from '../../config/setting-types.ts'
import { capitals } from '../../core/keys/random-text.ts'

const day = 86_400

/** As contracts/credebl.md has it. */
const door = defineDoor({
  dialect: 'credebl',
  rotation: 'untilConfirmed',
  refreshToken: 'jwt',
  idleLifetime: day,
  absoluteLifetime: 30 * day,
  maxSessions: 10,
  requiresVerifiedEmail: true,
  emailClaim: true,
})

/** What operators may set. */
const settings = z.strictObject({
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
const clientSettings = z.strictObject({
  logoHosts: z
    .array(host, 'must be a list of hosts')
    .optional()
    .describe('Hosts from which a request may have a logo shown in a mail'),
})

const client = { ...plainClient('credebl', 'CREDEBL'), settings: { logoHosts: [] } }

/** contracts/credebl.md */
export const manifest = defineManifest({
  door,
  settings,
  oldTokens: { refresh: ['imported', 'relay'], sources: ['identity:keycloak'] },
  clientSettings,
  variables: { CREDEBL_PASSWORD_KEY: 'passwordKey' },
  clientIds: { alphabet: capitals, length: 12 },
  prefixes: ['/auth', '/v1/auth', '/users', '/v1/users'],
  clients: [client],
  demoClients: [
    {
      ...client,
      origins: ['http://localhost:3000'],
      redirectUris: ['http://localhost:3000', 'https://app.example.com'],
      settings: { logoHosts: ['example.com'] },
    },
    {
      ...client,
      id: 'VERIFIER',
      kind: 'registered',
      origins: ['https://verifier.example.com'],
      redirectUris: ['https://verifier.example.com'],
      frontEndUrl: 'https://verifier.example.com',
      brand: { name: 'CREDEBL Verifier' },
      settings: { logoHosts: ['example.com'] },
    },
  ],
})
