import type { AnyContext } from '../context.ts'
import { AuthError } from '../errors.ts'

/** Whom an identity provider says that somebody is. */
export interface Identity {
  /** What the provider calls the person, for ever. */
  subject: string
  /** Folded; `undefined` where it says none, or one that is none. */
  email?: string
  /** The provider says that the address is the person's, and is believed in that. */
  isEmailProven: boolean
  name?: string
  /** When the person has last shown the provider who they are, in epoch milliseconds; most do not say. */
  authenticatedAt?: number
}

/** What binds an answer of a provider to one browser (RFC 9700 §2.1, §4.7). */
export interface AttemptSecrets {
  state: string
  nonce: string
  codeVerifier: string
  /** Where the answer comes to; another one for each provider, so that none can be taken for another's. */
  redirectUri: string
}

/** A place elsewhere that people may sign in with. */
export interface IdentityProvider {
  /** Names it in what is kept of people, for ever. */
  id: string
  /** As people know it. */
  name: string
  /** The address that a browser is sent to. Throws `unavailable`. */
  begin(secrets: AttemptSecrets): Promise<string>
  /**
   * Whom the provider's answer is about, `query` as the browser has brought it. Throws `identity_declined` when the person
   * has turned back there, `identity_refused` for an answer that is not good, `unavailable`.
   */
  finish(secrets: AttemptSecrets, query: string): Promise<Identity>
}

/** Somebody as a provider knows them. */
export interface Identified {
  provider: IdentityProvider
  identity: Identity
}

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
