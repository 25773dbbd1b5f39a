import type { Client } from '../../core/clients.ts'
import { digits } from '../../core/random-text.ts'
import { defineDialect } from '../../http/dialect.ts'
import { errors, type Row, render } from './errors.ts'
import { routes } from './routes.ts'
import { clientSettings, door, type Settings, settings } from './settings.ts'

const client: Client = {
  dialect: 'pm2',
  id: '795984050',
  kind: 'default',
  origins: [],
  redirectUris: [],
  brand: { name: 'PM2' },
  settings: {},
}

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
export const pm2 = defineDialect<Row, Settings>({
  door,
  settings,
  clientSettings,
  clientIds: { alphabet: digits, length: 9 },
  prefixes: ['/api/oauth', '/api/bucket', '/api/users'],
  clients: [client],
  demoClients: [
    {
      ...client,
      origins: [app, 'http://localhost:3000'],
      // A browser writes the address of a site with a slash at its end.
      redirectUris: [app, `${app}/`, 'http://localhost:3000', 'http://localhost:3000/'],
      frontEndUrl: app,
    },
    { ...commandLine, id: '138558311' },
    { ...commandLine, id: '0943857435' },
  ],
  errors,
  render,
  routes,
})
