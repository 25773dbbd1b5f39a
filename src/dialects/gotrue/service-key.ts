import { requireServiceKey as requireKey } from '../../http/service-keys.ts'
import type { App } from '../../http/types.ts'
import type { Settings } from './manifest.ts'

/** Tokens of these are the service keys of apps that have them from their old server. */
const roles = ['service_role', 'supabase_admin']

/** Keeps all routes of a scope for back ends with a service key. */
export function requireServiceKey(scope: App, settings: Settings): void {
  requireKey(scope, { ...settings, roles })
}
