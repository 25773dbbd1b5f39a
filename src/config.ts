import { disagreements } from './config/agreement.ts'
import { ConfigError } from './config/config-error.ts'
import { type Environment, readEnvironment } from './config/environment.ts'
import { findFile, readFile } from './config/file.ts'
import { mergeSettings } from './config/merge.ts'
import { type GivenFile, missingInProduction, nameSettings, realmsWithoutUrl } from './config/missing.ts'
import type { RealmConfig } from './config/realms.ts'
import type { HashingCost } from './core/hashing.ts'
import type { Retention } from './core/pruning.ts'
import { severalHosts, tlsModes, tlsOf } from './lib/postgres-url.ts'
import type { LimitSettings } from './limits/settings.ts'
import type { MetricsConfig } from './observation/metrics-config.ts'
import type { TracesConfig } from './observation/traces-config.ts'
import { wrongWithSms } from './sms-config.ts'
import type { DatabaseLocation } from './store/database.ts'

export { ConfigError } from './config/config-error.ts'
export type { RealmConfig } from './config/realms.ts'

/** The mail server. */
interface SmtpConfig {
  url: string
  /** Holds the address, and is read again when its user name and password are refused. */
  urlFile?: string
  /** What this server calls itself; else the host of the public URL. */
  name?: string
  /** The usual sender, and where answers to its mails go if not to that. */
  from: string
  replyTo?: string
}

export interface Config {
  mode: 'development' | 'production'
  /** The file that was read, if one was. */
  file?: string
  /** The files that secrets were read from. */
  secretFiles: string[]
  host: string
  port: number
  /** How long a connection that nobody uses is kept open, in seconds. */
  keepAlive: number
  /** Of the realm that is the default, or else of the first. Without a slash at its end. */
  publicUrl: string
  dataFolder: string
  database: DatabaseLocation
  /** 32 bytes; without it one is kept in the data folder, which only development allows. */
  masterKey?: Buffer
  /** Keys that are accepted besides it while it is being changed: those to come, and those that it has replaced. */
  otherMasterKeys: { next: Buffer[]; previous: Buffer[] }
  keys: {
    /** How long a signing key signs, in seconds. */
    rotateEvery: number
  }
  /** What hashing a password costs, in every realm. */
  hashing: HashingCost
  retention: Retention
  smtp?: SmtpConfig
  /** The gateway that text messages go through; templates and addresses are checked. */
  sms?: { url: string; from?: string; body?: string; authorization?: string }
  /** Beginnings of the phone numbers that messages may be sent to; `+` alone allows all. */
  smsPrefixes: string[]
  /** Holds, in `pages/` and `messages/`, templates that take the place of ours of the same name. */
  templateFolder?: string
  logLevel: string
  /** Whether each request has a line of its own in the log. */
  logRequests: boolean
  /** Where metrics are served; without it there are none. */
  metrics?: MetricsConfig
  /** Where traces are sent to, if anywhere. */
  traces?: TracesConfig
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
  trustedProxies: string[]
  /** What is set of the limits, by their names; the others are as the core has them. */
  limits: LimitSettings
  /** At least one; no two share a name, a host or a public URL, and at most one has no hosts. */
  realms: RealmConfig[]
}

/**
 * Reads the environment, and the settings file: `wantedFile`, else `MANYDOORS_CONFIG`, else `manydoors.yaml` if it is
 * there. What the environment says comes first. Throws `ConfigError` with everything that is wrong or missing at once.
 */
export function readConfig(environment: Environment = process.env, wantedFile?: string): Config {
  const fromEnvironment = readEnvironment(environment)
  const path = findFile(wantedFile, environment)
  const isProduction = fromEnvironment.given.NODE_ENV === 'production'
  const fromFile = readFile(path, environment, (given) => [
    ...disagreements(given),
    ...(isProduction ? realmsWithoutUrl(given as GivenFile) : []),
  ])
  const problems = [...fromEnvironment.problems, ...fromFile.problems]

  if (fromFile.given !== undefined) {
    const given = fromFile.given as GivenFile
    const nameOf = nameSettings(fromEnvironment.given, path !== undefined)
    if (isProduction) problems.push(...missingInProduction(fromEnvironment.given, given, nameOf))
    problems.push(...wrongWithSms(smsOf(fromEnvironment.given, given), nameOf))
  }
  const config = mergeSettings(fromEnvironment, fromFile)
  if (problems.length === 0)
    problems.push(...sharedUrls(config.realms), ...wrongWithDefaults(config, environment))
  if (problems.length > 0) throw new ConfigError(problems)
  const ofVariables = Object.values(fromEnvironment.files).filter((path) => path !== undefined)
  const secretFiles = [...ofVariables, ...Object.values(fromFile.files)]
  return { ...config, secretFiles, ...(path !== undefined && { file: path }) }
}

/** What either says of the gateway, by the names of its variables. */
function smsOf(environment: Environment, { sms }: GivenFile): Environment {
  return {
    SMS_URL: environment.SMS_URL ?? sms?.url,
    SMS_FROM: environment.SMS_FROM ?? sms?.from,
    SMS_BODY: environment.SMS_BODY ?? sms?.body,
    SMS_AUTHORIZATION: environment.SMS_AUTHORIZATION ?? sms?.authorization,
  }
}

/** Tokens say by their issuer whose they are, so that two realms must not have the same. */
function sharedUrls(realms: RealmConfig[]): string[] {
  return realms.flatMap(({ name, publicUrl }, index) => {
    const earlier = realms.slice(0, index).find((realm) => realm.publicUrl === publicUrl)
    return earlier ? [`realms.${name}.publicUrl is the same as that of realms.${earlier.name}`] : []
  })
}

/** What the driver of PostgreSQL takes from the environment where the address says nothing. */
function wrongWithDefaults(
  { database }: Pick<Config, 'database'>,
  { PGSSLMODE, PGHOST }: Environment,
): string[] {
  if (database.engine === 'sqlite') return []
  const problems: string[] = []
  // It takes a word that it does not know for none.
  if (PGSSLMODE && !(tlsModes as readonly string[]).includes(PGSSLMODE))
    problems.push(`PGSSLMODE must be one of ${tlsModes.join(', ')}`)
  if (PGHOST?.includes(',') && tlsOf(database.url, {}).host === undefined)
    problems.push(`PGHOST ${severalHosts}`)
  return problems
}
