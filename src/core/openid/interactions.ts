import type { AccountRow, SessionRow } from '../../store/schema.ts'
import type { Client } from '../clients/client.ts'
import type { Context } from '../context.ts'

/** A request and its answer as Node has them: the protocol reads and writes its own cookies. */
export interface RawExchange {
  req: object
  res: object
}

/** What a browser that an app has sent here is to be asked. */
export interface Interaction {
  uid: string
  /** `login`: to sign in; `consent`: to allow what the app asks for; `select_account`: to choose an account. */
  prompt: 'login' | 'consent' | 'select_account'
  /** Why, in the words of the protocol library, such as `max_age` or `login_prompt`. */
  reasons: string[]
  /** Whether the app asks for a sign-in anew, at whichever prompt (`prompt=login`). */
  wantsSignIn: boolean
  client: Client
  /** Where the answer goes; nowhere where the app is on a device of its own (RFC 8628). */
  redirectUri?: string
  /** Who is signed in to the browser, as the protocol has it. */
  accountId?: string
  /** Scopes that the app asks for and that have not been allowed to it. */
  missingScopes: string[]
  /** Likewise, claims that it asks for by themselves (OpenID Connect Core §5.5). */
  missingClaims: string[]
  /** Likewise, scopes by the identifiers of their resources. */
  missingResourceScopes: Record<string, string[]>
  loginHint?: string
  /** The languages that the app asks for (BCP 47). */
  uiLocales?: string
  /** Whether the app asks for a second factor, of whoever has one. */
  wantsSecondFactor: boolean
  /** Whether it takes nobody without. */
  needsSecondFactor: boolean
}

/** The protocol, as the pages see it. Every step throws `challenge_invalid` where the browser has no such interaction. */
export interface OpenidInteractions {
  /** The context of a client at the `openid` door. */
  at(client: Client, origin: Context['origin']): Context
  read(exchange: RawExchange): Promise<Interaction>
  /**
   * Somebody has signed in to the browser, with this session of it, and has shown at `provenAt` (epoch milliseconds) who
   * they are; whatever the browser was asked (`login`, `select_account`, `consent`). Returns where the browser goes on.
   */
  finishLogin(
    exchange: RawExchange,
    signedIn: { account: AccountRow; session: SessionRow; provenAt: number },
  ): Promise<string>
  /** The person allows what is missing. Returns where the browser goes on. */
  allow(exchange: RawExchange, origin: Context['origin']): Promise<string>
  /** The person refuses, or cannot show what the app asks for. Returns where the browser goes on. */
  refuse(exchange: RawExchange, why: 'access_denied' | 'unmet_authentication_requirements'): Promise<string>
}
