import type { Client } from '../core/clients/client.ts'
import type { RealmContext } from '../core/context.ts'

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
  /** In English, as the schema has it. */
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
