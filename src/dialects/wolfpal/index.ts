import { defineDialect } from '../../http/dialect.ts'
import { errors, type Row, render } from './errors.ts'
import { manifest, type Settings } from './manifest.ts'
import { routes } from './routes.ts'
import { shadow } from './shadow.ts'
import { upstream } from './upstream.ts'

/** contracts/wolfpal.md */
export const wolfpal = defineDialect<Row, Settings>({
  ...manifest,
  describe: async () => (await import('./described.ts')).described,
  doorFor: ({ requireConfirmedEmail = true }) => ({
    ...manifest.door,
    requiresVerifiedEmail: requireConfirmedEmail,
  }),
  errors,
  render,
  routes,
  shadow,
  upstream,
})
