import type { Client } from '../../core/clients.ts'
import { lettersAndDigits } from '../../core/random-text.ts'
import { defineDialect } from '../../http/dialect.ts'
import { errors, render } from './errors.ts'
import { routes } from './routes.ts'
import { clientSettings, door, doorFor, settings } from './settings.ts'

/**
 * Every request names its client, so this one is nobody's: it has no origin, and the client check passes it
 * over.
 */
const nobody: Client = {
  dialect: 'vastly',
  id: 'vastly',
  kind: 'default',
  origins: [],
  redirectUris: [],
  brand: { name: 'Vastly' },
  settings: {},
}

/** contracts/vastly.md */
export const vastly = defineDialect({
  door,
  doorFor,
  settings,
  clientSettings,
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
  errors,
  render,
  routes,
})
