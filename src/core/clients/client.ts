/** How mails and pages present an app, or the realm. */
export interface Brand {
  name: string
  /** The path of a file, for pages. */
  logo?: string
  /** For mails. */
  logoUrl?: string
  /** Colours such as `#1f4fd8`. */
  accent?: string
  accentDark?: string
  helpUrl?: string
  privacyUrl?: string
  termsUrl?: string
}

/** The client that has something sent, and its dialect; neither where an operator does. */
export interface ClientRef {
  dialect: string | null
  clientId: string | null
}

/** An app that signs its users in through a dialect. */
export interface Client {
  dialect: string
  id: string
  /** `default` stands for every app that a dialect cannot tell apart. */
  kind: 'default' | 'registered'
  /** Browser origins that may call the API. */
  origins: string[]
  /** Where a person may be sent with a ticket: origin and path, compared exactly. */
  redirectUris: string[]
  /** Base of the app's own pages; without it the hosted pages serve. */
  frontEndUrl?: string
  brand: Brand
  settings: Record<string, unknown>
}
