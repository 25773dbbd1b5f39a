import type { Client } from '../../core/clients.ts'
import { capitals } from '../../core/random-text.ts'
import { defineDialect } from '../../http/dialect.ts'
import { errors, type Row, render } from './errors.ts'
import { routes } from './routes.ts'
import { clientSettings, door, type Settings, settings } from './settings.ts'

const client: Client = {
  dialect: 'credebl',
  id: 'credebl',
  kind: 'default',
  origins: [],
  redirectUris: [],
  brand: { name: 'CREDEBL' },
  settings: { logoHosts: [] },
}

/** contracts/credebl.md */
export const credebl = defineDialect<Row, Settings>({
  door,
  settings,
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
  errors,
  render,
  routes,
})
