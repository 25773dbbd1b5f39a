import type { Client } from '../core/clients/client.ts'
import type { RealmContext } from '../core/context.ts'
import type { MasterKeyUse } from '../core/keys/master-key-use.ts'

/** What the server hands to the console and the API of operators. */
export interface Means {
  /** The realms whose accounts are those of people, by their names. */
  realms: ReadonlyMap<string, RealmContext>
  /** The realm of the operators. */
  operators: RealmContext
  /** Where operators reach it, without a slash at its end. */
  url: string
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

/** A client as somebody describes it. */
interface GivenClient {
  id: string
  name?: string | undefined
  origins: string[]
  redirectUris: string[]
  frontEndUrl?: string | undefined
  settings: Record<string, unknown>
}

/** What a dialect knows of its clients beyond what all have, one setting at a time. */
export interface ClientSetting {
  name: string
  /** `lines`: several, one a line; `json`: whatever else. */
  kind: 'text' | 'number' | 'yes_no' | 'choice' | 'choices' | 'lines' | 'json'
  choices: string[]
  /** In English, as in the documentation. */
  says: string
}

/** What clients may be, as the settings file has it. */
export interface ClientRules {
  /** The dialects of a realm that tell their clients apart, so that more can be added. */
  dialectsOf(realm: string): string[]
  /** An id in the form of the dialect, which no client of it has. */
  newId(ctx: RealmContext, dialect: string): Promise<string>
  settingsOf(dialect: string): ClientSetting[]
  /** The client, or everything that is wrong with it. */
  read(dialect: string, given: GivenClient): { client: Client } | { problems: ClientProblem[] }
}

/** What is wrong with one field of a client. */
export interface ClientProblem {
  /** Such as `redirectUris` or `settings.authMethod`. */
  field: string
  message: string
}
