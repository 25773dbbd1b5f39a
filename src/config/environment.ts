import { z } from 'zod'
import { manifests } from '../dialects/manifests.ts'
import { isAddressOrRange } from '../lib/ip.ts'
import { metricsPort } from '../observation/metrics-config.ts'
import { tracesFields } from '../observation/traces-config.ts'
import { smsFields } from '../sms-config.ts'
import * as fields from './fields.ts'
import { yesOrNo } from './setting-types.ts'
import { readTextFile } from './text-file.ts'

export type Environment = Record<string, string | undefined>

const portRule = 'must be a port number'
const port = z
  .string()
  .regex(/^\d{1,5}$/, portRule)
  .transform(Number)
  .refine((port) => port <= 65535, portRule)

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
  (prefixes) => prefixes.every(fields.isPhonePrefix),
  'must be beginnings of numbers such as +47, separated by commas',
)

/** The variables that dialects have, each of them a secret. */
const dialectVariables = manifests.flatMap(({ door, variables }) =>
  Object.entries(variables).map(([variable, setting]) => ({ variable, setting, dialect: door.dialect })),
)

const EnvironmentSchema = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test'], 'must be production or development').optional(),
  PORT: port.optional(),
  HOST: z.string().optional(),
  DATABASE_URL: fields.databaseUrl.optional(),
  MANYDOORS_CONFIG: z.string().optional(),
  MANYDOORS_DATA: z.string().optional(),
  MANYDOORS_SECRET: fields.masterKey.optional(),
  MANYDOORS_SECRET_NEXT: fields.masterKeys.optional(),
  MANYDOORS_SECRET_PREVIOUS: fields.masterKeys.optional(),
  MANYDOORS_PUBLIC_URL: fields.publicUrl.optional(),
  MANYDOORS_TRUSTED_PROXIES: trustedProxies.optional(),
  MANYDOORS_KEEP_ALIVE: fields.keepAlive.optional(),
  MANYDOORS_TEMPLATES: fields.templateFolder.optional(),
  SMTP_URL: fields.smtpUrl.optional(),
  SMTP_NAME: fields.smtpName.optional(),
  MAIL_FROM: fields.sender.optional(),
  MAIL_REPLY_TO: fields.sender.optional(),
  LOG_LEVEL: fields.logLevel.optional(),
  MANYDOORS_LOG_REQUESTS: yesOrNo().optional(),
  MANYDOORS_METRICS_HOST: z.string().optional(),
  MANYDOORS_METRICS_PORT: metricsPort.optional(),
  ...tracesFields,
  ...smsFields,
  SMS_ALLOWED_PREFIXES: phonePrefixes.optional(),
})

/** Secrets that may be given as the path of a file, under the same name with `_FILE` behind it. */
const fromFiles = [
  'MANYDOORS_SECRET',
  'MANYDOORS_SECRET_NEXT',
  'MANYDOORS_SECRET_PREVIOUS',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'SMTP_URL',
  'SMS_URL',
  'SMS_AUTHORIZATION',
  'DATABASE_URL',
  ...dialectVariables.map(({ variable }) => variable),
]

/** Every variable that is ours. */
const ourNames = new Set([...Object.keys(EnvironmentSchema.shape), ...fromFiles])

/** What the environment says, and everything that is wrong with it. */
export interface EnvironmentReading {
  /** The variables as they are, but for empty ones, and with the contents of the files that they name. */
  given: Environment
  /** What could be read of them; nothing when anything is wrong. */
  settings: Partial<z.output<typeof EnvironmentSchema>>
  /** Settings of dialects, by the names of these. */
  dialects: Record<string, Record<string, string>>
  /** The files that variables name in place of a secret, by the names of the secrets. */
  files: Record<string, string | undefined>
  problems: string[]
}

/** Reads every variable that is ours. */
export function readEnvironment(environment: Environment): EnvironmentReading {
  const problems: string[] = []
  const set = dropEmpty(trimOurs(environment))
  const files = Object.fromEntries(fromFiles.map((name) => [name, set[`${name}_FILE`]]))
  const given = withFiles(set, problems)
  for (const name of Object.keys(given)) {
    const isOurs = name.startsWith('MANYDOORS_')
    if (isOurs && !(name in EnvironmentSchema.shape)) problems.push(`${name} is not a setting`)
  }
  const parsed = EnvironmentSchema.safeParse(given)
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = path.join('.')
    const place = files[name] === undefined ? '' : ` (in ${files[name]})`
    problems.push(`${name} ${message}${place}`)
  }

  const ofDialects: EnvironmentReading['dialects'] = {}
  for (const { variable, setting, dialect } of dialectVariables) {
    const value = given[variable]
    if (value !== undefined) ofDialects[dialect] = { ...ofDialects[dialect], [setting]: value }
  }
  return { given, settings: parsed.data ?? {}, dialects: ofDialects, files, problems }
}

/** An empty variable is how a container file says "not set". */
export function dropEmpty(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
}

/** Blanks and line ends around a value come with files and with quotes, and are never meant. */
function trimOurs(environment: Environment): Environment {
  const isOurs = (name: string) => ourNames.has(name.replace(/_FILE$/, '')) || name.startsWith('MANYDOORS_')
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, isOurs(name) ? value?.trim() : value]),
  )
}

function withFiles(environment: Environment, problems: string[]): Environment {
  const given = { ...environment }
  for (const name of fromFiles) {
    const file = given[`${name}_FILE`]
    delete given[`${name}_FILE`]
    if (file === undefined) continue
    if (given[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set`)
    const { text, problem } = readTextFile(file)
    if (problem === undefined) given[name] = text.trim()
    else problems.push(`${name}_FILE ${problem}: ${file}`)
  }
  return given
}
