import { say } from '../../admin/findings.ts'
import type { Config } from '../../config/config.ts'
import { findPublishedSecrets } from '../../config/published-secrets.ts'
import { type Check, warning } from './check.ts'

/** Service keys, and what signs them, that anybody may know: in production they are a fault of the configuration. */
export function serviceKeyChecks(config: Config): Check[] {
  return findPublishedSecrets(config).map((setting) => ({
    name: 'service keys',
    run: async () =>
      warning(
        say('{setting} is in documents, or follows a pattern: anybody has a service key', { setting }),
        say('set one of your own: production does not start with it'),
      ),
  }))
}
