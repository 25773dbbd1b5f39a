import { defineDialect } from '../../http/dialect.ts'
import { accessTokenForm } from './access-token.ts'
import { errors, type Row, render } from './errors.ts'
import { manifest, type Settings } from './manifest.ts'
import { routes } from './routes.ts'
import { shadow } from './shadow.ts'
import { upstream } from './upstream.ts'

/** contracts/gotrue.md */
export const gotrue = defineDialect<Row, Settings>({
  ...manifest,
  doorFor: (settings) => ({
    ...manifest.door,
    requiresVerifiedEmail: settings.autoconfirm !== true,
    textedSignIn: settings.phone === true,
    accessToken: accessTokenForm(settings),
  }),
  isOpenToNewcomers: ({ registration }) => registration !== 'off',
  describe: async (settings) => (await import('./described.ts')).describedFor(settings),
  exposedHeaders: ['X-Total-Count', 'Link', 'X-Supabase-Api-Version'],
  errors,
  render,
  routes,
  shadow,
  upstream,
})
