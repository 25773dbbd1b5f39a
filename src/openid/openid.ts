import type { RealmContext } from '../core/context.ts'
import type { OpenidInteractions } from '../core/openid/interactions.ts'
import type { OpenidSettings } from '../core/openid/settings.ts'
import type { OpenidPages } from '../http/openid-pages.ts'
import type { App } from '../http/types.ts'
import { openInteractions } from './interactions.ts'
import { mountOpenid } from './mount.ts'
import { openProvider } from './provider.ts'

/** OpenID Connect of a realm: its routes, and what its pages ask of it. */
export interface Openid {
  mount(app: App): Promise<void>
  interactions: OpenidInteractions
}

/** Opens OpenID Connect for a realm. The library is loaded with the first request that needs it. */
export function openOpenid(realm: RealmContext, settings: OpenidSettings, pages: OpenidPages): Openid {
  const ctx = { ...realm, door: settings.door }
  const parts = { ctx, provider: openProvider({ ctx, settings, pages }) }
  return { mount: (app) => mountOpenid(app, parts), interactions: openInteractions(parts) }
}
