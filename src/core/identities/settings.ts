/** How this server shows a provider who it is. */
export type ProviderCredentials =
  | { kind: 'none' }
  | { kind: 'secret'; secret: string }
  /** A secret is a JWT that is signed with a key of the team (ES256). */
  | { kind: 'apple'; teamId: string; keyId: string; privateKey: string }

/** A provider that people of a realm may sign in with. */
export interface IdentityProviderSettings {
  /** Names it in paths and in what is kept of people. */
  id: string
  /** As people know it. */
  name: string
  /** Where its discovery document is, below. */
  issuer: string
  clientId: string
  credentials: ProviderCredentials
  scopes: string[]
  /** What else stands in the address that browsers are sent to. */
  parameters: Record<string, string>
  /** The claim that says that an e-mail address is the person's; `undefined` where none is believed. */
  emailProof?: 'email_verified' | 'xms_edov'
  /** Also in a private network. */
  allowPrivate: boolean
}
