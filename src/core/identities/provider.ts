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
