import { defineDialect, defineDoor, doorSettings, plainClient, rotationSetting, z } from 'manydoors/dialect'
import { errors, render } from './errors.ts'
import { routes } from './routes.ts'

/** What differs from the defaults of a door (docs/dialects.md): the document says how long an access token is good. */
const door = defineDoor({ dialect: 'acme', accessLifetime: 900 })

const client = plainClient('acme', 'Acme')

/** The API of README.md. */
export default defineDialect({
  kit: 1,
  door,
  prefixes: ['/acme'],
  settings: z.strictObject({
    ...doorSettings(door),
    ...rotationSetting(door, ['grace', 'untilConfirmed']),
  }),
  clients: [client],
  // In development a browser of this origin may call it.
  demoClients: [{ ...client, origins: ['http://localhost:3000'] }],
  errors,
  render,
  routes,
})
