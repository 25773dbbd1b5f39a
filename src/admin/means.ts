import type { RealmContext } from '../core/context.ts'
import type { LimitRule } from '../core/limits/limits.ts'

/** What the server hands to the console and the API of operators. */
export interface Means {
  /** The realms whose accounts are those of people, by their names. */
  realms: ReadonlyMap<string, RealmContext>
  /** The realm of the operators. */
  operators: RealmContext
  /** Where operators reach it, without a slash at its end. */
  url: string
  facts: ServerFacts
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
