import type { Client } from '../../core/clients.ts'
import type { Door } from '../../core/context.ts'
import { defineDialect } from '../../http/dialect.ts'
import { errors, type Row, render } from './errors.ts'
import { routes } from './routes.ts'

export interface Settings {
  /** Whether an account must confirm its e-mail address before it can log in; so it is when this is not set. */
  requireConfirmedEmail?: boolean
}

const day = 86_400

const client: Client = {
  dialect: 'wolfpal',
  id: 'wolfpal',
  kind: 'default',
  origins: [],
  redirectUris: [],
  brand: { name: 'WolfPal' },
  settings: {},
}

const door: Door = {
  dialect: 'wolfpal',
  rotation: 'grace',
  refreshToken: 'jwt',
  accessLifetime: 1800,
  idleLifetime: day,
  absoluteLifetime: 30 * day,
  requiresVerifiedEmail: true,
  resetLifetime: 3600,
  bindsClient: false,
  emailClaim: false,
}

/** contracts/wolfpal.md */
export const wolfpal = defineDialect<Row, Settings>({
  door,
  doorFor: ({ requireConfirmedEmail = true }) => ({ ...door, requiresVerifiedEmail: requireConfirmedEmail }),
  prefixes: ['/auth', '/user', '/account', '/sessions'].flatMap((path) => [path, `/api${path}`]),
  clients: [client],
  demoClients: [{ ...client, origins: ['http://localhost:3000'] }],
  errors,
  render,
  routes,
})
