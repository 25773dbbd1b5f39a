import { readFileSync, statSync } from 'node:fs'
import { isIPv4, isIPv6 } from 'node:net'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { smsFields, wrongWithSms } from './sms-config.ts'
import type { DatabaseLocation } from './store/database.ts'

export interface Config {
  mode: 'development' | 'production'
  host: string
  port: number
  /** Without a slash at its end. */
  publicUrl: string
  dataFolder: string
  database: DatabaseLocation
  /** 32 bytes; without it one is kept in the data folder, which only development allows. */
  masterKey?: Buffer
  smtp?: { url: string; from: string }
  /** The gateway that text messages go through; templates and addresses are checked. */
  sms?: { url: string; from?: string; body?: string; authorization?: string }
  /** Beginnings of the phone numbers that messages may be sent to; `+` alone allows all. */
  smsPrefixes: string[]
  /** Holds, in `pages/` and `messages/`, templates that take the place of ours of the same name. */
  templateFolder?: string
  logLevel: string
  /** Addresses and CIDR ranges whose `X-Forwarded-For` is believed. */
  trustedProxies: string[]
  /** What single dialects are set to, by their names. */
  dialects: Record<string, Record<string, unknown>>
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

type Environment = Record<string, string | undefined>

const port = z.coerce
  .number('must be a port number')
  .int('must be a port number')
  .min(0, 'must be a port number')
  .max(65535, 'must be a port number')

const databaseUrl = z
  .string()
  .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must be sqlite:PATH or postgres://…')
  .transform(
    (url): DatabaseLocation =>
      url.startsWith('sqlite:')
        ? { engine: 'sqlite', path: url.slice('sqlite:'.length) }
        : { engine: 'postgres', url },
  )

const masterKey = z
  .string()
  .trim()
  .refine(
    (text) => Buffer.from(text, 'base64').length === 32,
    'must be 32 bytes in base64 (openssl rand -base64 32)',
  )
  .transform((text) => Buffer.from(text, 'base64'))

const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be a URL such as https://auth.example.com' })
  .transform((url) => url.replace(/\/+$/, ''))

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Separated by commas. */
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean),
)

const trustedProxies = list.refine(
  (entries) => entries.every(isAddressOrRange),
  'must be addresses or ranges such as 10.0.0.0/8, separated by commas',
)

const phonePrefixes = list.refine(
  (prefixes) => prefixes.every((prefix) => /^\+\d*$/.test(prefix)),
  'must be beginnings of numbers such as +47, separated by commas',
)

const EnvironmentSchema = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test'], 'must be production or development').optional(),
  PORT: port.default(5000),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: databaseUrl.optional(),
  MANYDOORS_DATA: z.string().default('data'),
  MANYDOORS_SECRET: masterKey.optional(),
  MANYDOORS_PUBLIC_URL: publicUrl.optional(),
  MANYDOORS_TRUSTED_PROXIES: trustedProxies.default([]),
  MANYDOORS_TEMPLATES: z
    .string()
    .transform((path) => resolve(path))
    .refine(holdsTemplates, 'must be a folder with pages/ or messages/ in it')
    .optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be smtp://… or smtps://…' }).optional(),
  MAIL_FROM: z.string().optional(),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).optional(),
  ...smsFields,
  SMS_ALLOWED_PREFIXES: phonePrefixes.optional(),
  CREDEBL_PASSWORD_KEY: z.string().optional(),
})

/** Secrets that may be given as the path of a file, under the same name with `_FILE` behind it. */
const fromFiles = [
  'MANYDOORS_SECRET',
  'SMTP_URL',
  'SMS_URL',
  'SMS_AUTHORIZATION',
  'DATABASE_URL',
  'CREDEBL_PASSWORD_KEY',
] as const

/** Reads the environment. Throws `ConfigError` with everything that is wrong or missing at once. */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = []
  const given = withFiles(dropEmpty(environment), problems)
  for (const name of Object.keys(given)) {
    const isOurs = name.startsWith('MANYDOORS_')
    if (isOurs && !(name in EnvironmentSchema.shape)) problems.push(`${name} is not a setting`)
  }

  const parsed = EnvironmentSchema.safeParse(given)
  for (const issue of parsed.error?.issues ?? []) problems.push(`${issue.path.join('.')} ${issue.message}`)
  const isProduction = given.NODE_ENV === 'production'
  if (isProduction) problems.push(...missingInProduction(given))
  problems.push(...wrongWithSms(given))
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)

  const env = parsed.data
  const dataFolder = resolve(env.MANYDOORS_DATA)
  return {
    mode: isProduction ? 'production' : 'development',
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.MANYDOORS_PUBLIC_URL ?? `http://localhost:${env.PORT}`,
    dataFolder,
    database: env.DATABASE_URL ?? { engine: 'sqlite', path: join(dataFolder, 'manydoors.db') },
    masterKey: env.MANYDOORS_SECRET,
    smtp: env.SMTP_URL
      ? { url: env.SMTP_URL, from: env.MAIL_FROM ?? 'Manydoors <no-reply@localhost>' }
      : undefined,
    sms: env.SMS_URL
      ? { url: env.SMS_URL, from: env.SMS_FROM, body: env.SMS_BODY, authorization: env.SMS_AUTHORIZATION }
      : undefined,
    smsPrefixes: env.SMS_ALLOWED_PREFIXES ?? (isProduction ? [] : ['+']),
    templateFolder: env.MANYDOORS_TEMPLATES,
    logLevel: env.LOG_LEVEL ?? (isProduction ? 'info' : 'warn'),
    trustedProxies: env.MANYDOORS_TRUSTED_PROXIES,
    dialects: { credebl: { passwordKey: env.CREDEBL_PASSWORD_KEY } },
  }
}

function missingInProduction(given: Environment): string[] {
  const problems: string[] = []
  if (!given.MANYDOORS_PUBLIC_URL)
    problems.push('MANYDOORS_PUBLIC_URL is missing: the address at which people reach this server')
  if (!given.MANYDOORS_SECRET) {
    problems.push(
      'MANYDOORS_SECRET (or MANYDOORS_SECRET_FILE) is missing: the master key, 32 bytes in base64',
    )
  }
  if (given.SMS_URL && !given.SMS_ALLOWED_PREFIXES)
    problems.push('SMS_ALLOWED_PREFIXES is missing: the countries that messages may go to, such as "+47,+46"')
  if (given.SMTP_URL && !given.MAIL_FROM)
    problems.push('MAIL_FROM is missing: the sender of mails, such as "Example <auth@example.com>"')
  return problems
}

function isAddressOrRange(entry: string): boolean {
  const [, address = '', length = '1'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0
  return Number(length) >= 1 && Number(length) <= longest
}

function holdsTemplates(folder: string): boolean {
  const isFolder = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory()
  return ['pages', 'messages'].some(isFolder)
}

/** An empty variable is how a container file says "not set". */
function dropEmpty(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
}

function withFiles(environment: Environment, problems: string[]): Environment {
  const given = { ...environment }
  for (const name of fromFiles) {
    const file = given[`${name}_FILE`]
    delete given[`${name}_FILE`]
    if (file === undefined) continue
    if (given[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set`)
    try {
      given[name] = readFileSync(file, 'utf8').trim()
    } catch {
      problems.push(`${name}_FILE cannot be read: ${file}`)
    }
  }
  return given
}

/**
 * Gives libuv's pool, which hashes passwords, a thread per core: more only add latency. Works only before the pool
 * is first used. What the environment says is left as it is.
 */
export function sizeThreadPool(): void {
  process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism())
}
