import { defineDialect } from '../../http/dialect.ts'
import { errors, type Row, render } from './errors.ts'
import { manifest, type Settings } from './manifest.ts'
import { routes } from './routes.ts'
import { shadow } from './shadow.ts'
import { upstream } from './upstream.ts'

/** contracts/pm2.md */
export const pm2 = defineDialect<Row, Settings>({
  ...manifest,
  describe: async (settings) => (await import('./described.ts')).describedFor(settings),
  errors,
  render,
  routes,
  isOpenToNewcomers: ({ registration }) => registration !== 'off',
  shadow,
  upstream,
})
