import type { Client } from '../../core/clients.ts'
import { defineDialect } from '../../http/dialect.ts'
import { errors, render } from './errors.ts'
import { routes } from './routes.ts'
import { door, settings } from './settings.ts'

const client: Client = {
  dialect: 'minbil',
  id: 'minbil',
  kind: 'default',
  origins: [],
  redirectUris: [],
  brand: { name: 'Minbil' },
  settings: {},
}

/** contracts/minbil.md */
export const minbil = defineDialect({
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
  errors,
  render,
  routes,
})
