import type { Client } from '../../core/clients.ts'
import { defineDialect } from '../../http/dialect.ts'
import { errors, type Row, render } from './errors.ts'
import { routes, type Settings } from './routes.ts'

const day = 86_400

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
  door: {
    dialect: 'credebl',
    rotation: 'untilConfirmed',
    refreshToken: 'jwt',
    accessLifetime: 3600,
    idleLifetime: day,
    absoluteLifetime: 30 * day,
    maxSessions: 10,
    requiresVerifiedEmail: true,
    resetLifetime: 3600,
    bindsClient: false,
    emailClaim: true,
  },
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
