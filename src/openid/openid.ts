import type { RealmContext } from '../core/context.ts'
import type { OpenidInteractions } from '../core/openid/interactions.ts'
import type { App } from '../http/types.ts'
import { openInteractions } from './interactions.ts'
import { mountOpenid } from './mount.ts'
import type { OpenidParts } from './parts.ts'
import { openProvider } from './provider.ts'

/** OpenID Connect of a realm: its routes, and what its pages ask of it. */
export interface Openid {
  mount(app: App): Promise<void>
  interactions: OpenidInteractions
}

/** Opens OpenID Connect for a realm. The library is loaded with the first request that needs it. */
export function openOpenid(realm: RealmContext, given: OpenidParts): Openid {
  const ctx = { ...realm, door: given.settings.door }
  const parts = { ctx, ...given, provider: openProvider({ ctx, ...given }) }
  return { mount: (app) => mountOpenid(app, parts), interactions: openInteractions(parts) }
}
