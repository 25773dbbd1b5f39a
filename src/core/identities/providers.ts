import type { AnyContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { IdentityProvider } from './provider.ts'

/** A provider of the realm, by its id. Throws `route_not_found`. */
export function providerOf({ identityProviders }: AnyContext, id: string): IdentityProvider {
  const provider = identityProviders.get(id)
  if (!provider) throw new AuthError('route_not_found')
  return provider
}

/** How identities are kept: as imports bring them, so that imported people come in at once. */
export function sourceOf({ id }: Pick<IdentityProvider, 'id'>): string {
  return `identity:${id}`
}
