import { defineDialect } from '../../http/dialect.ts'
import { errors, render } from './errors.ts'
import { doorFor, manifest } from './manifest.ts'
import { routes } from './routes.ts'
import { shadow } from './shadow.ts'
import { upstream } from './upstream.ts'

/** contracts/vastly.md */
export const vastly = defineDialect({
  ...manifest,
  describe: async () => (await import('./described.ts')).described,
  doorFor,
  errors,
  render,
  routes,
  shadow,
  upstream,
})
