import {
  type AccessTokenForm,
  defineDialect,
  defineDoor,
  doorSettings,
  oneOf,
  plainClient,
  serviceKeySettings,
  z,
} from 'manydoors/dialect'
import { errors } from '../acme/errors.ts'
import { routes } from '../acme/routes.ts'
import { render } from './errors.ts'
import { factorRoutes } from './factors.ts'
import { mailRoutes } from './mails.ts'
import { managingRoutes } from './managing.ts'

const accessToken: AccessTokenForm = {
  issuerPath: '/acme',
  audience: 'acme-api',
  claimsOf: ({ account, lacksSecondFactor, session }) => ({
    email: account.email,
    level: lacksSecondFactor || session.second_factor_at === null ? 1 : 2,
  }),
}

/** A password signs in at once, and the session shows the second factor later. */
const door = defineDoor({ dialect: 'acme', accessLifetime: 900, secondFactor: 'stepUp', accessToken })

const settings = z.strictObject({
  ...doorSettings(door),
  ...serviceKeySettings(),
  registration: oneOf(['on', 'off']).optional().describe('Whether people may sign up (on)'),
})

export type Settings = z.output<typeof settings>

/** The API of README.md. */
export default defineDialect({
  kit: 1,
  door,
  prefixes: ['/acme'],
  settings,
  clients: [plainClient('acme', 'Acme')],
  isOpenToNewcomers: ({ registration }) => registration !== 'off',
  exposedHeaders: ['X-Acme-Version'],
  errors,
  render,
  routes(app, settings) {
    routes(app)
    mailRoutes(app, settings)
    factorRoutes(app)
    managingRoutes(app, settings)
  },
})
