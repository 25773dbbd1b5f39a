import { z } from 'zod'
import type { Client } from '../core/clients/client.ts'
import type { DialectPolicy } from '../core/dialect-policy.ts'
import type { Finding } from './sources/findings.ts'

/** Of the interface that `dialects/kit.ts` is to doors from outside (docs/dialects.md). */
export const kitVersion = 1

/** What `defineDialect` has made: nothing else that a module exports is taken for a dialect. */
export const definedDialects = new WeakSet<object>()

/** What the rules of a dialect look at in a client, beside its parts. */
export type ClientAddresses = Pick<Client, 'redirectUris' | 'settings'>

/** What is known of a dialect without its routes: enough to read, check and describe its configuration. */
export interface DialectManifest {
  door: DialectPolicy
  /** Paths below these belong to it when no route takes them; a longer prefix is not looked for. */
  prefixes: string[]
  /** Known everywhere. The one of kind `default` stands for every app that does not name itself; where there is none, all do. */
  clients: Client[]
  /** Known in development instead, so that the document's samples run. */
  demoClients: Client[]
  /** What operators may set, strictly: every other name is refused. Its output is what `doorFor` and `routes` get. */
  settings: z.ZodObject
  /** What operators may set of one client, strictly: the core and the dialect read it as the client's `settings`. */
  clientSettings: z.ZodObject
  /** What a redirect URI of its clients may be, where that is not as with most. */
  redirectUri?: z.ZodType<string>
  /** Where what is said of one of its clients contradicts itself, by paths within the client. */
  findClientProblems?(client: ClientAddresses): Finding[]
  /** What one of its clients may not be in production, likewise. */
  findProductionProblems?(client: ClientAddresses): Finding[]
  /** What operators may set of an old server of its kind, strictly; nothing, where it is not given. */
  upstreamOptions?: z.ZodObject
  /**
   * Of the tokens of an old server of its kind: how its refresh tokens may be known (what was imported, or their signature,
   * when not given), and what else than by the dialect imports call the names of accounts that are in them.
   */
  oldTokens?: { refresh?: ('imported' | 'signed' | 'relay')[]; sources?: string[] }
  /** How the ids of its clients look, where requests name theirs; where they do not, one client stands for all apps. */
  clientIds?: { alphabet: string; length: number }
  /** Settings that the environment may give too, by its variables. They are secrets, and each is a `secretSetting`. */
  variables: Record<string, string>
}

const day = 86_400

const defaultDoor = {
  rotation: 'grace',
  forgivesOlderTokens: false,
  refreshToken: 'opaque',
  accessLifetime: 3600,
  idleLifetime: 30 * day,
  absoluteLifetime: 365 * day,
  maxSessions: 100,
  requiresVerifiedEmail: false,
  resetLifetime: 3600,
  bindsClient: false,
  emailClaim: false,
  secondFactorNeedsRecentSignIn: false,
  secondFactor: 'challenge',
} satisfies Omit<DialectPolicy, 'dialect'>

/** A door with these values, and with those that most doors have for the rest. */
export function defineDoor(door: Partial<DialectPolicy> & Pick<DialectPolicy, 'dialect'>): DialectPolicy {
  return { ...defaultDoor, ...door }
}

/** A manifest, without settings of clients and without variables where it names none. */
export function defineManifest({
  clientSettings = z.strictObject({}),
  variables = {},
  ...manifest
}: Omit<DialectManifest, 'clientSettings' | 'variables'> & Partial<DialectManifest>): DialectManifest {
  return { ...manifest, clientSettings, variables }
}

/** The client that stands for every app which does not name itself, as it is known everywhere: with no address of an app. */
export function plainClient(dialect: string, name: string): Client {
  const addresses = { origins: [], redirectUris: [] }
  return { dialect, id: dialect, kind: 'default', ...addresses, brand: { name }, settings: {} }
}
