import type { MailboxEntry } from '../../src/delivery/mailbox.ts'
import type { Answer, TestServer } from '../harness/harness.ts'

export interface Credentials {
  email: string
  password: string
}

export interface Tokens {
  access: string
  /** Empty where the dialect hands out none. */
  refresh: string
}

/** An answer that holds tokens when it is a success. */
export interface TokenAnswer {
  answer: Answer
  tokens?: Tokens
}

/**
 * What the contract suite asks of a dialect. A dialect that lacks an ability leaves it out, and what the contract says
 * about that ability is not asked of it: `signOut`, `refreshing`, `recovery`, `listSessions`,
 * `management`; a second factor is asked
 * of nobody. The least is to sign up, to sign in, and one route that takes an access token. Every function sends what
 * the dialect's own clients send.
 *
 * The rest is promised at every door, since the core or `src/http/` keeps it as long as routes read fields by
 * `src/http/fields.ts`: e-mail addresses and passwords as people type them; access tokens that are JWTs and say when
 * they end; JSON and forms, in UTF-8 alone; fields that are not known passed over, wrong types refused and never
 * converted, `null` taken for an optional field that is not there; `cache-control: no-store`; CORS for the origins of
 * clients and no others; no answer that tells of the request or of what the server is made of (`refusals.ts`).
 */
export interface DialectUnderTest {
  name: string
  /** What no route takes below these is refused in this dialect's words. */
  prefixes: string[]
  /** An origin of one of its demo clients: the suite calls from it as a web page does. */
  origin: string
  /** How long an access token is good, in seconds. */
  accessLifetime: number
  /** How many sessions an account may have; one more ends the oldest. */
  maxSessions: number
  statuses: Statuses
  /** Fails unless the answer has this status and is an error in the dialect's own form, complete and nothing more. */
  assertError(answer: Answer, status: number): void
  /** Opens an account that can sign in at once. Throws when it is refused. */
  openAccount(server: TestServer, credentials: Credentials): Promise<void>
  /** The answer of the step of signing up that takes the password. */
  signUp(server: TestServer, credentials: Credentials): Promise<Answer>
  signIn(server: TestServer, credentials: Credentials): Promise<TokenAnswer>
  /** Ends the session of an access token. */
  signOut?(server: TestServer, access: string): Promise<Answer>
  /** Asks for something that takes an access token. It may end the session, so nothing is expected of it afterwards. */
  ask(server: TestServer, access: string): Promise<Answer>
  /** Asks for something that no expired access token gets, where `ask` is to sign out, which one can. */
  askLate?(server: TestServer, access: string): Promise<Answer>
  /** The ids of the caller's live sessions at this door. */
  listSessions?(server: TestServer, access: string): Promise<string[]>
  refreshing?: Refreshing
  recovery?: Recovery
  /**
   * Requests whose answer must not tell whether an account has that address: sign-in with a wrong password,
   * forgot-password, and whatever else takes an address. One that the document wants to tell is left out.
   */
  blind: Record<string, (server: TestServer, email: string) => Promise<Answer>>
  /** All of them, but for those of `management`. */
  routes: RouteUnderTest[]
  /**
   * Routes by which back ends manage accounts. The `access` of their examples is a service key, which the server that they are
   * tried at must have in its settings.
   */
  management?: RouteUnderTest[]
}

/**
 * Statuses of refusals. Those that may be left out are then as `src/http/default-errors.ts` has them. 429 and 503 are
 * every door's, as proxies and clients of HTTP act on them.
 */
export interface Statuses {
  /** A wrong password, or nobody's e-mail address. */
  signIn: number
  /** An access token that is missing, false or over. */
  access: number
  rejectedPassword: number
  /** A request whose fields are missing or wrong. */
  invalid: number
  /** A second sign-out; as `access` where it is left out. */
  signedOut?: number
  /** A body, a query or headers that cannot be read, or not in one way alone: 400. */
  unreadable?: number
  /** 404 */
  unknownPath?: number
  /** A request that does not arrive in time: 408. */
  tooSlow?: number
  /** A body of more than 64 KiB: 413. */
  tooLarge?: number
  /** More than 16 KiB before the body: 431. */
  headersTooLarge?: number
  /** A body of another type, charset or coding: 415. */
  unsupportedType?: number
}

export interface Refreshing {
  rotation: 'grace' | 'untilConfirmed' | 'static'
  /** Tokens that were replaced before the last one are given the current one, too, for ten seconds after a refresh. */
  forgivesOlderTokens?: true
  form: 'opaque' | 'jwt'
  /** Lifetimes of a session, in seconds. */
  idleLifetime: number
  absoluteLifetime: number
  /** Status of a refused refresh. */
  status: number
  refresh(server: TestServer, token: string): Promise<TokenAnswer>
  /** Other ways to send the same token. */
  otherWays?: Record<string, (server: TestServer, token: string) => Promise<TokenAnswer>>
}

export interface Recovery {
  /** How long a reset secret lives, in seconds. */
  lifetime: number
  /** Status of a refused secret. */
  status: number
  /** The secret signs in, and the password is set by that session: a password that is refused finds the secret used up. */
  signsIn?: true
  /** Status of the answer to whoever forgot the password of no account, where the document wants that told. */
  unknownStatus?: number
  forgot(server: TestServer, email: string): Promise<Answer>
  readSecret(mail: MailboxEntry): string
  reset(server: TestServer, input: Credentials & { secret: string }): Promise<Answer>
}

export interface RouteUnderTest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `:name` where a parameter belongs. */
  path: string
  /** What its example is answered with: a success, wherever a test can bring one about; else an error. */
  status: number
  /** A request that is in order; each call makes a new one, which no earlier request has used up. */
  example(server: TestServer): Promise<Example>
  /** It takes an access token. */
  needsAccess?: true
  /** The fields of its body; none where it takes no body. All are in the example. */
  fields: string[]
  /** Those that may be left out. */
  optional?: string[]
  /** Fields that take values of several types. */
  loose?: string[]
  /** Its body holds objects, which no form can. */
  jsonOnly?: true
  /** A Bearer token that comes along is read, though none is asked for. */
  readsBearer?: true
  /** Its example is answered without the database. */
  needsNoDatabase?: true
}

export interface Example {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: Record<string, unknown>
  headers?: Record<string, string>
  access?: string
}
