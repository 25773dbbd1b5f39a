import { performance } from 'node:perf_hooks'
import type { RealmConfig } from '../config/config.ts'
import type { RealmContext } from '../core/context.ts'
import type { HookName, RealmHooks } from '../core/hooks/settings.ts'
import { type AskedHook, type HookMeans, type OpenHook, openHook } from '../upstream/hook.ts'

/** Who is asked before somebody signs up or in, in all realms. */
export interface Hooks {
  /** Those of one realm. */
  of(realm: string): RealmContext['hooks']
  close(): void
}

interface Means extends Pick<HookMeans, 'log' | 'now' | 'newId'> {
  observeOf(realm: string): (asked: AskedHook) => void
}

/** Opens the hooks that the configuration has; none is asked anything before somebody signs up or in. */
export function openHooks(realms: RealmConfig[], means: Means): Hooks {
  const byRealm = new Map(realms.map(({ name, hooks }) => [name, openAll(name, hooks, means)]))
  return {
    of: (realm) => byRealm.get(realm) ?? {},
    close: () => {
      for (const hooks of byRealm.values()) for (const hook of Object.values(hooks)) hook.close()
    },
  }
}

function openAll(realm: string, hooks: RealmHooks, { observeOf, ...shared }: Means) {
  const means = { ...shared, realm, ticks: () => performance.now(), observe: observeOf(realm) }
  const opened: Partial<Record<HookName, OpenHook>> = {}
  for (const name of ['beforeSignUp', 'beforeSignIn'] as const) {
    const settings = hooks[name]
    if (settings) opened[name] = openHook(name, settings, means)
  }
  return opened
}
