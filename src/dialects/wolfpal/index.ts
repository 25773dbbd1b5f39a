import type { Client } from '../../core/clients.ts'
import { defineDialect } from '../../http/dialect.ts'
import { errors, type Row, render } from './errors.ts'
import { routes } from './routes.ts'
import { door, type Settings, settings } from './settings.ts'

const client: Client = {
  dialect: 'wolfpal',
  id: 'wolfpal',
  kind: 'default',
  origins: [],
  redirectUris: [],
  brand: { name: 'WolfPal' },
  settings: {},
}

/** contracts/wolfpal.md */
export const wolfpal = defineDialect<Row, Settings>({
  door,
  settings,
  doorFor: ({ requireConfirmedEmail = true }) => ({ ...door, requiresVerifiedEmail: requireConfirmedEmail }),
  prefixes: ['/auth', '/user', '/account', '/sessions'].flatMap((path) => [path, `/api${path}`]),
  clients: [client],
  demoClients: [{ ...client, origins: ['http://localhost:3000'] }],
  errors,
  render,
  routes,
})
