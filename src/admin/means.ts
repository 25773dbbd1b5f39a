import type { RealmContext } from '../core/context.ts'

/** What the server hands to the console and the API of operators. */
export interface Means {
  /** The realms whose accounts are those of people, by their names. */
  realms: ReadonlyMap<string, RealmContext>
  /** The realm of the operators. */
  operators: RealmContext
  /** Where operators reach it, without a slash at its end. */
  url: string
}
