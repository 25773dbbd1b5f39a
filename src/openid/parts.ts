import type { OpenidSettings } from '../core/openid/settings.ts'
import type { OpenidPages } from '../http/openid-pages.ts'

/** What OpenID Connect of a realm is made with. */
export interface OpenidParts {
  settings: OpenidSettings
  pages: OpenidPages
  /** The clock of the machine, which the library goes by; epoch milliseconds. */
  machineNow(): number
}
