import type { Store } from '../store/store.ts'
import type { Brand, Client } from './clients/client.ts'
import type { ClientSecrets } from './clients/client-secret.ts'
import type { DialectPolicy } from './dialect-policy.ts'
import type { Observe } from './events.ts'
import type { Hook } from './hooks/hook.ts'
import type { HookName } from './hooks/settings.ts'
import type { IdentityProvider } from './identities/provider.ts'
import type { HashIntake } from './imports/hash-intake.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { Secrets } from './keys/secrets.ts'
import type { Blocks } from './limits/blocked.ts'
import type { LimitRule } from './limits/limits.ts'
import type { Refusals } from './limits/refusals.ts'
import type { Log } from './log.ts'
import type { OpenidSettings } from './openid/settings.ts'
import type { PasskeySettings } from './passkeys/settings.ts'
import type { Guess, Weakness } from './passwords/guess.ts'
import type { Decoys, HashSecrets } from './passwords/imported-hashes.ts'
import type { PasswordPolicy, StrictPasswords } from './passwords/policy.ts'
import type { UnprovenRecovery } from './recovery/unproven-recovery.ts'
import type { InDoubtRefreshes } from './sessions/in-doubt-refreshes.ts'
import type { SettingsHolder } from './settings/settable.ts'
import type { DoorsOldServer } from './switching/old-server.ts'
import type { DoorsOldTokens } from './switching/tokens/old-tokens.ts'
import type { WantedEvents } from './webhooks/wanted-events.ts'

/** One population of accounts, and what holds for all of it. */
export interface Realm {
  name: string
  password: PasswordPolicy
  strictPasswords: StrictPasswords
  unprovenRecovery: UnprovenRecovery
  /** Whether people may look after their account on pages of this server. */
  accountPage: boolean
  /** Whether people may sign up on the hosted pages. */
  signUpPage: boolean
  /** Where its passkeys are good; none where the host is a mere IP address, for which browsers make no passkeys. */
  passkeys?: PasskeySettings
  /** Where apps may come in by OpenID Connect. */
  openid?: OpenidSettings
  webhooks: WebhookRules
  /** How mails name it where no client is meant; its name when there is none. */
  brand?: Brand
}

/** What holds for the endpoints outside that are told what happens. */
interface WebhookRules {
  /** They may be in a private network or on this machine, also without TLS. */
  allowPrivateAddresses: boolean
}

/** The languages of pages and messages for people (BCP 47). */
export type Language = 'en' | 'nb'

/** What a user agent says of itself, as far as it does. */
export interface Device {
  browser?: string
  version?: string
  os?: string
  osVersion?: string
  /** Such as `desktop`, `mobile`, `tablet`. */
  platform?: string
}

/** Who is at the other end. */
export interface Origin {
  ip: string
  userAgent?: string
  /** What the user agent is read as; `undefined` without one. */
  device?: Device
  requestId: string
  /** The W3C `traceparent` of what the request causes, where traces are kept. */
  traceparent?: string
  /** The one to be addressed in. */
  language: Language
}

/** Who asks for work, as those who wait are served in turn by IP; nobody for a command. */
export type Asker = Pick<Origin, 'ip'> | undefined

export interface Hasher {
  /** Hashes a password. Throws `overloaded` when too many wait. */
  hash(password: string, asker: Asker): Promise<string>
  /** Whether it is the password of the hash. Throws `overloaded`, and `unavailable` while the server stops. */
  verify(check: PasswordCheck, asker: Asker): Promise<boolean>
  /** Whether a hash was made with other parameters than those of today, or by another system. */
  isOutdated(hash: string): boolean
}

/** A password and the hash that it is checked against. */
export interface PasswordCheck {
  /** As it was typed. */
  password: string
  /** One of our own or of another system. None, and one that cannot be used, is that of no password. */
  hash: string | null | undefined
  /** The first of these that can be used takes the time where that hash cannot; one of our own where none can. */
  decoys: (string | null | undefined)[]
  secretOf: HashSecrets['secretOf']
}

export interface PasswordJudge {
  /** What makes a password easy to guess; `undefined` when it is hard. Throws `overloaded` when too many wait. */
  findWeakness(guess: Guess, asker: Asker): Promise<Weakness | undefined>
}

export interface Limiter {
  /** Counts one use of a key; throws `rate_limited`, and counts nothing, when the rule allows no more. */
  consume(rule: LimitRule, key: string): Promise<void>
  /** Uncounts one use that turned out not to be what the rule is about. */
  refund(rule: LimitRule, key: string): Promise<void>
  /** Sets the count of a key back to none. */
  reset(rule: LimitRule, key: string): Promise<void>
  /** Sets back everything that counts for a key: that of the network around an address, too. */
  clear(rule: LimitRule, key: string): Promise<void>
  /** The counts of these keys, and of the networks around addresses among them; those that are none are left out. */
  read(uses: { rule: LimitRule; key: string }[]): Promise<LimitCount[]>
}

/** How much of a limit is used. */
export interface LimitCount {
  /** As operators have set it. */
  rule: LimitRule
  /** What was asked for. */
  key: string
  used: number
  /** When it is none again, in epoch milliseconds. */
  endsAt: number
}

/** Everything of a realm that is not pure. Built by `server/core.ts`, and by tests with a clock of their own. */
export interface RealmContext {
  /** One object for as long as the process lives: what is set meanwhile is set in it. */
  realm: Realm
  /** The realm with what is set of single doors, by the names of their dialects; likewise. */
  atDoors: ReadonlyMap<string, Realm>
  /** What may be set while servers run, of this realm and of the whole server. */
  settings: Record<'realm' | 'server', SettingsHolder>
  store: Store
  /** Epoch milliseconds. */
  now(): number
  randomBytes(size: number): Buffer
  /** A new UUIDv7. */
  newId(): string
  /** The `iss` of tokens and the base of hosted pages; without a slash at its end. */
  publicUrl: string
  secrets: Secrets
  keys: KeyRing
  hasher: Hasher
  decoys: Decoys
  hashSecrets: HashSecrets
  hashIntake: HashIntake
  /** The servers that were here before, by the dialects of their doors. Commands have none. */
  oldServers: ReadonlyMap<string, DoorsOldServer>
  /** What becomes of the tokens that these have given out, likewise. */
  oldTokens: ReadonlyMap<string, DoorsOldTokens>
  /** The providers that people may sign in with, by their ids, in the order of the settings. Commands have none. */
  identityProviders: ReadonlyMap<string, IdentityProvider>
  /** Who is asked before somebody signs up or in. Commands have none. */
  hooks: Partial<Record<HookName, Hook>>
  judge: PasswordJudge
  limiter: Limiter
  clients: Client[]
  /** How those that the configuration declares are presented, by dialect and id, where settings say so; likewise one object. */
  declaredBrands: Map<string, Brand>
  /** As of a few seconds ago, as `clients`. */
  clientSecrets: ClientSecrets
  /** Likewise. */
  wantedEvents: WantedEvents
  log: Log
  observe: Observe
  inDoubtRefreshes: InDoubtRefreshes
  refusals: Refusals
  /** As of a few seconds ago. */
  blocks: Blocks
  /** Who acts, where it is not the caller at a door: `cli`, `operator:` or `token:` and an id, `service:` and the beginning of a digest. */
  actor?: string
  /** Why they do it, for the audit trail: at most 200 characters on one line. */
  note?: string
  /** Tells the job worker that there is work. */
  wakeWorker(): void
  /** Does it once what was written in this context is kept: at once, or when its transaction has committed. */
  afterCommit(work: () => void): void
}

/** A request that came through a dialect's door, from a client. */
export interface Context extends RealmContext {
  door: DialectPolicy
  client: Client
  origin: Origin
}

/** A request that somebody sends, through a dialect's door or from a hosted page. */
export type RequestContext = RealmContext &
  Pick<Context, 'origin'> &
  Partial<Pick<Context, 'door' | 'client'>>

/** A request through a dialect's door, or one that concerns the realm alone: a hosted page, a job, a command. */
export type AnyContext = RealmContext & Partial<Pick<Context, 'door' | 'client' | 'origin'>>

/** A context with its clock stopped, for a step whose times must agree with each other. */
export function stopClock<C extends RealmContext>(ctx: C): C {
  const now = ctx.now()
  return { ...ctx, now: () => now }
}

/** Runs `work` with a context whose store keeps everything or nothing. Nothing slow or outward belongs in it. */
export async function transaction<C extends RealmContext, T>(
  ctx: C,
  work: (ctx: C) => Promise<T>,
): Promise<T> {
  const waiting: (() => void)[] = []
  const afterCommit = (work: () => void) => void waiting.push(work)
  const result = await ctx.store.transaction((store) => work({ ...ctx, store, afterCommit }))
  for (const work of waiting) ctx.afterCommit(work)
  return result
}
