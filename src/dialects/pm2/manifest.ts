import { z } from 'zod'
import { defineDoor, defineManifest, plainClient } from '../../config/dialect-manifest.ts'
import { doorSettings, oneOf, yesOrNo } from '../../config/setting-types.ts'
import type { Client } from '../../core/clients/client.ts'
import { digits } from '../../core/keys/random-text.ts'

/** As contracts/pm2.md has it. */
const door = defineDoor({
  dialect: 'pm2',
  rotation: 'static',
  bindsClient: true,
})

/** What operators may set. Refreshing never replaces the token, or the document's clients break. */
const settings = z.strictObject({
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
const clientSettings = z.strictObject({
  native: yesOrNo()
    .optional()
    .describe("An app on a person's own machine, whose loopback redirects may have any port (false)"),
})

const client = { ...plainClient('pm2', 'PM2'), id: '795984050' }

const app = 'https://app.keymetrics.io'
/** PM2's own command line listens there for the browser to come back. */
const commandLine: Client = {
  ...client,
  kind: 'registered',
  redirectUris: [
    'http://localhost:43532',
    'http://localhost:43532/',
    'http://127.0.0.1:43532',
    'http://[::1]:43532',
  ],
  frontEndUrl: app,
  settings: { native: true },
}

/** contracts/pm2.md */
export const manifest = defineManifest({
  door,
  settings,
  oldTokens: { refresh: ['imported', 'relay'] },
  clientSettings,
  clientIds: { alphabet: digits, length: 9 },
  prefixes: ['/api/oauth', '/api/bucket', '/api/users'],
  clients: [client],
  demoClients: [
    {
      ...client,
      origins: [app, 'http://localhost:3000'],
      // A browser writes the URL of a site with a slash at its end.
      redirectUris: [app, `${app}/`, 'http://localhost:3000', 'http://localhost:3000/'],
      frontEndUrl: app,
    },
    { ...commandLine, id: '138558311' },
    { ...commandLine, id: '0943857435' },
  ],
})
