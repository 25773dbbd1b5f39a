import { performance } from 'node:perf_hooks'
import type { RealmConfig } from '../config/config.ts'
import type { RealmContext } from '../core/context.ts'
import { type OpenProvider, openIdentityProvider, type ProviderMeans } from '../upstream/identity-provider.ts'

/** The providers that people may sign in with, of all realms. */
export interface IdentityProviders {
  /** Those of one realm, by their ids. */
  of(realm: string): RealmContext['identityProviders']
  close(): void
}

/** Opens the providers that the configuration has; none is asked for anything before somebody signs in with it. */
export function openIdentityProviders(
  realms: RealmConfig[],
  means: Pick<ProviderMeans, 'log' | 'now'>,
): IdentityProviders {
  const byRealm = new Map(
    realms.map(({ name, signInWith }) => [
      name,
      signInWith.map((settings) =>
        openIdentityProvider(settings, { ...means, ticks: () => performance.now() }),
      ),
    ]),
  )
  const of = (realm: string): OpenProvider[] => byRealm.get(realm) ?? []
  return {
    of: (realm) => new Map(of(realm).map((provider) => [provider.id, provider])),
    close: () => {
      for (const providers of byRealm.values()) for (const provider of providers) provider.close()
    },
  }
}
