/** What a hook is asked before. */
export type HookName = 'beforeSignUp' | 'beforeSignIn'

/** A service of the operator's that decides who may sign up or in. */
export interface HookSettings {
  /** Where it is asked: https, or http on this machine itself. */
  url: string
  /** What requests are signed with, as Standard Webhooks write it (`whsec_…`). */
  secret: string
  /** For all of it: the name, the connection, the answer. */
  timeoutMs: number
  /** What happens where there is no answer, or none that can be read: nobody gets in, or everybody as without the hook. */
  onFailure: 'refuse' | 'allow'
  /** Also in a private network. */
  allowPrivateAddresses: boolean
  /** The names of the claims that it may have tokens say; none before a sign-up. */
  claims: string[]
}

/** The hooks of a realm, as far as it has them. */
export type RealmHooks = Partial<Record<HookName, HookSettings>>
