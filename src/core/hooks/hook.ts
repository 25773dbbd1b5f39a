import type { UpstreamFailure } from '../switching/upstream.ts'
import type { TokenClaims } from './claims.ts'

/** Whom a hook is asked about; nothing of a password, a code or a token is in it. */
export interface HookQuestion {
  realm: string
  /** The dialect of the door. */
  door: string
  /** The id of the client. */
  client: string
  /** What is opened: the session of a browser on our pages, or that of an app at its door. None before a sign-up. */
  session?: 'browser' | 'app'
  account: HookAccount
  /** Of the person; `null` where an app fetches its tokens for a device that nothing is known of. */
  ip: string | null
  userAgent: string | null
  /** How the person has shown who they are (RFC 8176 §2; and `passkey`, `fed`, `email`, `sms`). None before a sign-up. */
  methods?: string[]
  /** Whether no session before has shown this device and network; not for the first one. None before a sign-up. */
  isNewDevice?: boolean
}

export interface HookAccount {
  /** `null` where there is none yet. */
  id: string | null
  email: string | null
  /** Whether the address is proven to be the person's. */
  emailVerified: boolean
  username: string | null
  /** E.164. */
  phone: string | null
  phoneVerified: boolean
}

/** The codes that a hook may refuse with: those that every door and page has words for. */
export const refusalCodes = ['access_denied', 'email_unverified', 'unavailable'] as const
export type HookRefusal = (typeof refusalCodes)[number]

/** What a hook has said, or that it has said nothing that can be understood. */
export type HookAnswer =
  | { decision: 'allow'; claims?: TokenClaims }
  | { decision: 'refuse'; code: HookRefusal }
  | { decision: 'none'; why: UpstreamFailure }

/** A service that is asked before somebody gets in. */
export interface Hook {
  onFailure: 'refuse' | 'allow'
  /** The names of the claims that it may have tokens say. */
  claims: readonly string[]
  /** Asks once, and no longer than its time-out. Throws nothing. */
  ask(question: HookQuestion): Promise<HookAnswer>
}
