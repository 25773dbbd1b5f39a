import type { Identifier } from '../accounts/identifiers.ts'

/** What an old server has said of a password. */
export type PasswordAnswer =
  | RightPassword
  | { outcome: 'wrong' }
  /** It, or what we may ask of it, has had enough for now. Nothing is known of the password. */
  | { outcome: 'busy'; retryAfterSeconds?: number }
  /** Nothing is known of the password. `status` is that of the answer that was not understood. */
  | { outcome: 'failed'; why: UpstreamFailure; status?: number }

/** The old server knows the identifier, and this is its password. */
export interface RightPassword {
  outcome: 'right'
  profile: UpstreamProfile
  /** It has not said whose the password is where it should have, so that it may be anybody's. */
  isProfileMissing?: true
  /** The old server wants a second factor, too. `challenge` goes on with it there, where it has given one. */
  secondFactor?: { challenge?: string }
  /** The old server wants the e-mail address confirmed first, and let nobody in. */
  isUnconfirmed?: true
}

/** What the old server says of an account; what it does not say is absent. */
export interface UpstreamProfile {
  /** What it calls the account. */
  id?: string
  email?: string
  /** Whether it takes the e-mail address for proven. */
  emailVerified?: boolean
  username?: string
  /** E.164. */
  phone?: string
  /** Whether it takes the number for proven. */
  phoneVerified?: boolean
  names?: { firstName?: string; lastName?: string; fullName?: string }
}

/** Why an old server cannot be asked, in words of ours: nothing of a request or an answer is in them. */
export type UpstreamFailure =
  /** No connection. */
  | 'unreachable'
  /** A connection, but not a whole answer. */
  | 'broken_off'
  | 'timed_out'
  /** Its certificate is not good. */
  | 'insecure'
  /** Its name leads to an address that is not to be asked. */
  | 'forbidden_address'
  /** It points elsewhere. */
  | 'redirected'
  | 'too_large'
  /** Not the JSON that was announced. */
  | 'unreadable'
  /** It says itself that something is wrong with it. */
  | 'server_error'
  /** It answers what its contract does not have. */
  | 'unexpected'
  /** It has failed too often just now, and is left alone. */
  | 'resting'

/** How a dialect asks an old server of its kind whether a password is right. */
export interface Upstream {
  /**
   * `ask` may be called several times: what it throws is not caught here, and all of it has one time limit. `signOut` of
   * a right answer ends the session that the old server has opened; it is called once, after the answer has been given.
   */
  checkPassword(
    ask: Ask,
    identifier: Identifier,
    password: string,
  ): Promise<PasswordAnswer & { signOut?: () => Promise<unknown> }>
  /**
   * Refreshes a session there and says whose it is: `right` stands for a token that is good. `clientId` is the client that
   * shows it. None, where its answers do not tell.
   */
  refresh?(ask: Ask, shown: { refreshToken: string; clientId: string }): Promise<PasswordAnswer>
}

/** What a dialect needs to ask an old server of its kind, besides its settings. */
export interface UpstreamMeans {
  /** What operators have set of the old server alone; a dialect throws for what it cannot use. */
  options: Record<string, unknown>
  randomBytes(size: number): Buffer
}

/**
 * Sends one request to the old server and gives back its answer, whatever the status; cookies that it has set in this
 * exchange go along. Throws `UpstreamTrouble` for 429, 5xx, redirects, JSON that cannot be read and broken connections.
 */
export type Ask = (request: UpstreamRequest) => Promise<UpstreamAnswer>

/** One request, of which all that is not of the person is in the code. */
export interface UpstreamRequest {
  method: 'GET' | 'POST' | 'DELETE'
  /** With a slash at its beginning. It leads nowhere but to the old server, whoever has made it. */
  path: string
  json?: unknown
  form?: Record<string, string>
  /** An access token. */
  bearer?: string
  headers?: Record<string, string>
  /** Answers that point elsewhere are given back like others. They are never followed. */
  takesRedirects?: boolean
}

export interface UpstreamAnswer {
  status: number
  /** What the body says, without keys that reach a prototype; `undefined` where it is not JSON. */
  json: unknown
  /** By small letters; of several that have one name, the first. */
  header(name: string): string | undefined
  /** Whether it has set a cookie. */
  setsCookies: boolean
}

/** An old server that cannot be asked right now. */
export class UpstreamTrouble extends Error {
  readonly answer: Extract<PasswordAnswer, { outcome: 'busy' | 'failed' }>

  constructor(answer: UpstreamTrouble['answer']) {
    super(answer.outcome === 'failed' ? answer.why : answer.outcome)
    this.name = 'UpstreamTrouble'
    this.answer = answer
  }
}

/** The outcome where the old server answers what its contract does not have. */
export function unexpected({ status }: Pick<UpstreamAnswer, 'status'>): PasswordAnswer {
  return { outcome: 'failed', why: 'unexpected', status }
}

/** Of a right password whose owner the old server does not name. */
export const missingProfile = { profile: {}, isProfileMissing: true } as const

/** The outcome where the old server does not refresh: its word is no only where it says that of the request. */
export function refusedRefresh({ status }: Pick<UpstreamAnswer, 'status'>): PasswordAnswer {
  return [400, 401, 403].includes(status) ? { outcome: 'wrong' } : unexpected({ status })
}

/** What comes of an errand that a right password does not depend on; `undefined` where the old server fails it. */
export async function orNothing<T>(errand: Promise<T>): Promise<T | undefined> {
  return errand.catch((error: unknown) => {
    if (error instanceof UpstreamTrouble) return undefined
    throw error
  })
}

/** The profile at a path, as a schema reads it out of the answer; missing where the old server does not give it. */
export async function profileAt(
  ask: Ask,
  { path, bearer }: { path: string; bearer: string },
  schema: { safeParse(json: unknown): { data?: UpstreamProfile } },
): Promise<Pick<RightPassword, 'profile' | 'isProfileMissing'>> {
  const answer = await orNothing(ask({ method: 'GET', path, bearer }))
  const { data: profile } = schema.safeParse(answer?.json)
  return profile ? { profile } : missingProfile
}
