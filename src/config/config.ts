import type { Retention } from '../core/audit/retention.ts'
import type { Client } from '../core/clients/client.ts'
import type { Realm } from '../core/context.ts'
import type { RealmHooks } from '../core/hooks/settings.ts'
import type { IdentityProviderSettings } from '../core/identities/settings.ts'
import type { HashingCost } from '../core/passwords/hashing.ts'
import type { PasswordPolicy } from '../core/passwords/policy.ts'
import type { SmtpSettings } from '../delivery/mail/smtp.ts'
import type { SmsSettings } from '../delivery/sms/presets.ts'
import type { Dialect } from '../http/dialect.ts'
import type { LimitSettings } from '../limits/settings.ts'
import type { DatabaseLocation } from '../store/types.ts'
import type { GivenSettings } from './effective/sources.ts'
import type { AdminConfig } from './sections/admin.ts'
import type { MetricsConfig } from './sections/metrics.ts'
import type { SwitchingConfig } from './sections/switching.ts'
import type { TracesConfig } from './sections/traces.ts'

export interface Config {
  mode: 'development' | 'production'
  /** The file that was read, if one was. */
  file?: string
  /** The files that secrets were read from. */
  secretFiles: string[]
  /** What was given before any of it was read, and by whom: `describeSettings` tells it. */
  given: GivenSettings
  host: string
  port: number
  /** How long a connection that nobody uses is kept open. */
  keepAliveSeconds: number
  /** Of the realm that is the default, or else of the first. Without a slash at its end. */
  publicUrl: string
  dataFolder: string
  database: DatabaseLocation
  /** 32 bytes; without it one is kept in the data folder, which only development allows. */
  masterKey?: Buffer
  /** Keys that are accepted besides it while it is being changed: those to come, and those that it has replaced. */
  otherMasterKeys: { next: Buffer[]; previous: Buffer[] }
  keys: {
    /** How long a signing key signs. */
    rotateEverySeconds: number
  }
  /** What hashing a password costs, in every realm. */
  hashing: HashingCost
  retention: Retention
  /** The mail server. Its URL is read again from its file when its user name and password are refused. */
  smtp?: Pick<SmtpSettings, 'url' | 'name' | 'from' | 'replyTo'> & { urlFile?: string }
  /** The gateway that text messages go through; its URL and its body are checked. */
  sms?: SmsSettings
  /** Beginnings of the phone numbers that messages may be sent to; `+` alone allows all. */
  smsPrefixes: string[]
  /** Holds, in `pages/` and `messages/`, templates that override ours of the same name. */
  templateFolder?: string
  logLevel: string
  /** Whether each request has a line of its own in the log. */
  logRequests: boolean
  /** Whose accounts those are who run this server. */
  operators: RealmConfig
  /** Where the console and the API of operators are; without it there are none. */
  admin?: AdminConfig
  /** Where metrics are served; without it there are none. */
  metrics?: MetricsConfig
  /** Where traces are sent to, if anywhere. */
  traces?: TracesConfig
  /** IP addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
  trustedProxies: string[]
  /** The limits that are set, by their names; the others keep the core's defaults. */
  limits: LimitSettings
  /** The dialects that the file names by their modules, beside those that ship. */
  loadedDialects: Dialect[]
  /** At least one; no two share a name, a host or a public URL, and at most one has no hosts. */
  realms: RealmConfig[]
}

/** A population of accounts: what holds for it, where it is reached, and its doors. */
export interface RealmConfig extends Realm {
  /** In small letters; a realm without any is reached at every host that no other realm has. */
  hosts: string[]
  /** Without a slash at its end. */
  publicUrl: string
  /** The sender of its mails, where it is not that of all realms. */
  mailFrom?: string
  /** The doors that are open, by the names of their dialects. */
  dialects: Record<string, DialectConfig>
  /** The providers that people may sign in with on the hosted pages. */
  signInWith: IdentityProviderSettings[]
  /** Who is asked before somebody signs up or in. */
  hooks: RealmHooks
  /** The clients of the open doors. */
  clients: Client[]
}

export interface DialectConfig {
  /** As the dialect's own schema has read them. */
  settings: Record<string, unknown>
  password: PasswordPolicy
  /** The server that was here before, where passwords are checked with it. */
  switching?: SwitchingConfig
}

/** The configuration cannot be used; `problems` names everything that is wrong with it. */
export class ConfigError extends Error {
  readonly problems: string[]

  constructor(problems: string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}
