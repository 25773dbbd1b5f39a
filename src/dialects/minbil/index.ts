import { defineDialect } from '../../http/dialect.ts'
import { errors, render } from './errors.ts'
import { manifest } from './manifest.ts'
import { routes } from './routes.ts'
import { shadow } from './shadow.ts'
import { upstream } from './upstream.ts'

/** contracts/minbil.md */
export const minbil = defineDialect({
  ...manifest,
  describe: async () => (await import('./described.ts')).described,
  errors,
  render,
  routes,
  shadow,
  upstream,
})
