import type { AuditTail } from '../core/audit/live.ts'
import type { RealmContext } from '../core/context.ts'
import type { MasterKeyUse } from '../core/keys/master-key-use.ts'
import type { LimitRule } from '../core/limits/limits.ts'
import type { SwitchingStatus } from '../core/switching/status.ts'
import type { UpstreamHealth } from '../core/switching/upstream-health.ts'
import type { OnDemand } from '../lib/on-demand.ts'
import type { ClientRules } from './client-rules.ts'
import type { HealthOfServer } from './health.ts'
import type { DescribedSetting } from './settings.ts'

/** What the server hands to the console and the API of operators. */
export interface Means {
  /** The realms whose accounts are those of people, by their names. */
  realms: ReadonlyMap<string, RealmContext>
  /** The realm of the operators. */
  operators: RealmContext
  /** Every setting, with what is in force by the configuration. */
  describeSettings(): DescribedSetting[]
  health: HealthOfServer
  /** How far a realm is on its way from the servers that were here before. */
  switching(realm: string): { accounts: OnDemand<SwitchingStatus>; oldServers: UpstreamHealth[] }
  /** Where operators reach it, without a slash at its end. */
  url: string
  /** What happens in the realms, as it happens. */
  auditTail: AuditTail
  facts: ServerFacts
  /** The settings file, where there is one. */
  file?: string
  /** Where a realm is reached, and through what. */
  placeOf(realm: string): RealmPlace
  clientRules: ClientRules
  /** What rests on each master key, in all realms together. */
  masterKeyUse(): Promise<MasterKeyUse[]>
}

/** Where a realm is reached. */
interface RealmPlace {
  /** None for the realm of every host that no other has. */
  hosts: string[]
  doors: { name: string; prefixes: string[] }[]
  /** The sender of its mails; none in development. */
  sender?: string
}

/** What the settings and the machine say. */
export interface ServerFacts {
  /** The doors of a realm, by the names of their dialects. */
  doorsOf(realm: string): string[]
  /** A limit as it is set; `undefined` where it is off. */
  settledLimit(rule: LimitRule): LimitRule | undefined
  /** How long a signing key signs. */
  rotateKeysEverySeconds: number
  /** What is free on the disk that the database is on; `undefined` where that is elsewhere. */
  freeDiskBytes(): Promise<number | undefined>
}
