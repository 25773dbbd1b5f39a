import type { App } from '../../http/types.ts'
import type { Settings } from './manifest.ts'
import { base } from './paths.ts'
import { userOf } from './user-of.ts'

/** What callers do with their own account. */
export function userRoutes(app: App, settings: Settings): void {
  app.get(`${base}/user`, ({ ctx, caller }) => userOf(ctx, caller.account, settings))
}
