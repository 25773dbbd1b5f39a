import { manifests } from '../../dialects/manifests.ts'
import { EnvironmentSchema, type Settings } from '../schema.ts'
import { tracesVariables } from '../sections/traces.ts'
import { readTextFile } from './text-file.ts'
import { type Section, withValue } from './tree.ts'

export type Environment = Record<string, string | undefined>

/** The secrets of dialects, which are set for every realm at once. */
const dialectVariables = manifests.flatMap(({ door, variables }) =>
  Object.entries(variables).map(([name, setting]) => [name, `dialectSecrets.${door.dialect}.${setting}`]),
)

/** The place of each variable in the settings. */
const places: Record<string, string> = {
  NODE_ENV: 'mode',
  PORT: 'port',
  HOST: 'host',
  DATABASE_URL: 'database',
  MANYDOORS_CONFIG: 'file',
  MANYDOORS_DATA: 'data',
  MANYDOORS_SECRET: 'secret',
  MANYDOORS_SECRET_NEXT: 'nextSecrets',
  MANYDOORS_SECRET_PREVIOUS: 'previousSecrets',
  MANYDOORS_PUBLIC_URL: 'publicUrl',
  MANYDOORS_TRUSTED_PROXIES: 'trustedProxies',
  MANYDOORS_KEEP_ALIVE: 'keepAlive',
  MANYDOORS_TEMPLATES: 'templates',
  SMTP_URL: 'smtp.url',
  SMTP_NAME: 'smtp.name',
  MAIL_FROM: 'smtp.from',
  MAIL_REPLY_TO: 'smtp.replyTo',
  LOG_LEVEL: 'logLevel',
  MANYDOORS_LOG_REQUESTS: 'logRequests',
  MANYDOORS_METRICS_HOST: 'metrics.host',
  MANYDOORS_METRICS_PORT: 'metrics.port',
  SMS_URL: 'sms.url',
  SMS_FROM: 'sms.from',
  SMS_BODY: 'sms.body',
  SMS_AUTHORIZATION: 'sms.authorization',
  SMS_ALLOWED_PREFIXES: 'sms.allowedPrefixes',
  ...Object.fromEntries(tracesVariables.map((name) => [name, `traces.${name}`])),
  ...Object.fromEntries(dialectVariables),
}

/** Variables that may be given as the path of a file, under their names with `_FILE` behind them. */
const secrets = [
  'DATABASE_URL',
  'MANYDOORS_SECRET',
  'MANYDOORS_SECRET_NEXT',
  'MANYDOORS_SECRET_PREVIOUS',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  'SMTP_URL',
  'SMS_URL',
  'SMS_AUTHORIZATION',
  ...dialectVariables.map(([name]) => name),
]

/** Variables whose entries are separated by commas. */
const lists = ['MANYDOORS_TRUSTED_PROXIES', 'SMS_ALLOWED_PREFIXES']

/** What the environment says, and everything that is wrong with it. */
export interface EnvironmentReading {
  /** The places in the settings of which it says something. */
  places: string[]
  /** What it says at these places, as it is given. */
  given: Section & { mode?: string; file?: string }
  /** What the schema makes of it; nothing when anything is wrong. */
  settings: Settings
  /** The files that variables name in place of a secret, by the places of the secrets. */
  files: Record<string, string>
  problems: string[]
}

/** Reads every variable that is ours. */
export function readEnvironment(environment: Environment): EnvironmentReading {
  const found = Object.entries(places).map(([name, place]) => ({
    name,
    place,
    ...readVariable(environment, name),
  }))
  const set = found.filter(({ text }) => text !== undefined)
  const given = set.reduce<Section>(
    (given, { name, place, text = '' }) =>
      withValue(given, place.split('.'), lists.includes(name) ? entriesOf(text) : text),
    {},
  )
  const { data, error } = EnvironmentSchema.safeParse(given)
  const problems = found.flatMap(({ name, place, file, problems }) => {
    const source = file === undefined ? '' : ` (in ${file})`
    const issues = error?.issues.filter(({ path }) => `${path.join('.')}.`.startsWith(`${place}.`)) ?? []
    return [
      ...problems,
      ...issues.map(({ path, message }) => `${name} ${message}${entryText(path)}${source}`),
    ]
  })
  const files = found.flatMap(({ place, file }) => (file === undefined ? [] : [[place, file]]))
  return {
    places: set.map(({ place }) => place),
    given,
    settings: data ?? {},
    files: Object.fromEntries(files),
    problems: [...unknownIn(environment), ...problems],
  }
}

/** The variable whose place in the settings this is. */
export function variableAt(place: string): string | undefined {
  return Object.keys(places).find((name) => places[name] === place)
}

/** A variable, or the text of the file that stands in its place. */
function readVariable(environment: Environment, name: string) {
  const text = textOf(environment[name])
  const file = secrets.includes(name) ? textOf(environment[`${name}_FILE`]) : undefined
  if (file === undefined) return { text, problems: [] }
  const { text: content, problem } = readTextFile(file)
  const problems = [
    ...(text === undefined ? [] : [`${name} and ${name}_FILE are both set`]),
    ...(problem === undefined ? [] : [`${name}_FILE ${problem}: ${file}`]),
  ]
  return { text: content?.trim() ?? text, file, problems }
}

/**
 * An empty variable is how a container file says "not set". Blanks and line ends around a value come with files and with
 * quotes, and are never meant.
 */
function textOf(value: string | undefined): string | undefined {
  return value?.trim() || undefined
}

function entriesOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
}

function entryText(path: PropertyKey[]): string {
  const index = path.at(-1)
  return typeof index === 'number' ? ` (entry ${index + 1})` : ''
}

function unknownIn(environment: Environment): string[] {
  const known = new Set([...Object.keys(places), ...secrets.map((name) => `${name}_FILE`)])
  return Object.entries(environment)
    .filter(
      ([name, value]) => name.startsWith('MANYDOORS_') && !known.has(name) && textOf(value) !== undefined,
    )
    .map(([name]) => `${name} is not a setting`)
}
