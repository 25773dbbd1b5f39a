import { manifests } from '../../dialects/manifests.ts'
import { EnvironmentSchema, type Settings } from '../schema.ts'
import { tracesVariables } from '../sections/traces.ts'
import { readSecretFiles } from './secret-files.ts'
import { type Section, valueAt, withValue } from './tree.ts'

export type Environment = Record<string, string | undefined>

/** The places of secrets in the settings. Those of dialects are set for every realm at once. */
const secretPlaces = new Map([
  ['DATABASE_URL', 'database'],
  ['MANYDOORS_SECRET', 'secret'],
  ['MANYDOORS_SECRET_NEXT', 'nextSecrets'],
  ['MANYDOORS_SECRET_PREVIOUS', 'previousSecrets'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'traces.OTEL_EXPORTER_OTLP_HEADERS'],
  ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'traces.OTEL_EXPORTER_OTLP_TRACES_HEADERS'],
  ['SMTP_URL', 'smtp.url'],
  ['SMS_URL', 'sms.url'],
  ['SMS_AUTHORIZATION', 'sms.authorization'],
  ...manifests.flatMap(({ door, variables }) =>
    Object.entries(variables).map(
      ([name, setting]) => [name, `dialectSecrets.${door.dialect}.${setting}`] as const,
    ),
  ),
])

/** The place of every variable in the settings. A secret may be given as the path of a file, too. */
const places = new Map([
  ['NODE_ENV', 'mode'],
  ['PORT', 'port'],
  ['HOST', 'host'],
  ['MANYDOORS_CONFIG', 'file'],
  ['MANYDOORS_DATA', 'data'],
  ['MANYDOORS_PUBLIC_URL', 'publicUrl'],
  ['MANYDOORS_TRUSTED_PROXIES', 'trustedProxies'],
  ['MANYDOORS_KEEP_ALIVE', 'keepAlive'],
  ['MANYDOORS_TEMPLATES', 'templates'],
  ['SMTP_NAME', 'smtp.name'],
  ['MAIL_FROM', 'smtp.from'],
  ['MAIL_REPLY_TO', 'smtp.replyTo'],
  ['LOG_LEVEL', 'logLevel'],
  ['MANYDOORS_LOG_REQUESTS', 'logRequests'],
  ['MANYDOORS_ADMIN_URL', 'admin.url'],
  ['MANYDOORS_ADMIN_HOST', 'admin.host'],
  ['MANYDOORS_ADMIN_PORT', 'admin.port'],
  ['MANYDOORS_ADMIN_ALLOW', 'admin.allow'],
  ['MANYDOORS_METRICS_HOST', 'metrics.host'],
  ['MANYDOORS_METRICS_PORT', 'metrics.port'],
  ['SMS_FROM', 'sms.from'],
  ['SMS_BODY', 'sms.body'],
  ['SMS_ALLOWED_PREFIXES', 'sms.allowedPrefixes'],
  ...tracesVariables.map((name) => [name, `traces.${name}`] as const),
  ...secretPlaces,
  ...[...secretPlaces].map(([name, place]) => [`${name}_FILE`, `${place}File`] as const),
])
/** The settings that variables give and nobody is to see. */
export const secretSettings: ReadonlySet<string> = new Set(secretPlaces.values())
/** Commands read them, which work at a server elsewhere. */
const ofCommands = ['MANYDOORS_SERVER', 'MANYDOORS_TOKEN_FILE']
const names = new Map([...places].map(([name, place]) => [place, name]))

/** Variables whose entries are separated by commas. */
const lists = ['MANYDOORS_ADMIN_ALLOW', 'MANYDOORS_TRUSTED_PROXIES', 'SMS_ALLOWED_PREFIXES']

/** What the environment sets, and everything that is wrong with it. */
export interface EnvironmentReading {
  /** The places in the settings that it sets. */
  places: string[]
  /** The raw values at these places, and the contents of the files that it names. */
  given: Section & { mode?: string; file?: string }
  /** The variables that are set, by their places, with what they say. */
  variables: ReadonlyMap<string, { name: string; text: string }>
  /** What the schema makes of it; nothing when anything is wrong. */
  settings: Settings
  /** The files that it names in place of secrets. */
  secretFiles: string[]
  problems: string[]
}

/** Reads every variable that is ours. */
export function readEnvironment(environment: Environment): EnvironmentReading {
  const texts = textsOf(environment)
  const set = [...places].filter(([name]) => texts.has(name))
  const given = set.reduce<Section>(
    (tree, [name, place]) => withValue(tree, place, readValue(name, texts.get(name) ?? '')),
    {},
  )
  const files = readSecretFiles(given, nameAt)
  const { data, error } = EnvironmentSchema.safeParse(given)
  const secrets = set.map(([, place]) => place.replace(/File$/, ''))
  return {
    // A file that is named elsewhere goes with the secret that it stands for.
    places: [...secrets, ...secrets.map((place) => `${place}File`)],
    given,
    variables: new Map(set.map(([name, place]) => [place, { name, text: texts.get(name) ?? '' }])),
    settings: data ?? {},
    secretFiles: files.map(({ file }) => file),
    problems: [
      ...files.flatMap(({ path, problem }) => (problem === undefined ? [] : [`${nameAt(path)} ${problem}`])),
      ...[...texts.keys()].filter(isUnknown).map((name) => `${name} is not a setting`),
      ...(error?.issues ?? []).map(
        ({ path, message }) => `${nameAt(path)} ${message}${sourceText(path, given)}`,
      ),
    ],
  }
}

/** The variable for a setting, by its path or its place; of an entry of a list, that for the list. */
export function nameAt(path: PropertyKey[]): string {
  const place = path.filter((step) => typeof step === 'string').join('.')
  return names.get(place) ?? place
}

/** The entry of a list that is meant, and the file that the value came from. */
function sourceText(path: PropertyKey[], given: Section): string {
  const entry = path.at(-1)
  const file = valueAt(given, `${path.join('.')}File`)
  return `${typeof entry === 'number' ? ` (entry ${entry + 1})` : ''}${file === undefined ? '' : ` (in ${file})`}`
}

function isUnknown(name: string): boolean {
  return name.startsWith('MANYDOORS_') && !places.has(name) && !ofCommands.includes(name)
}

function readValue(name: string, text: string): string | string[] {
  if (!lists.includes(name)) return text
  const entries = text.split(',').map((entry) => entry.trim())
  return entries.filter(Boolean)
}

/** Variables without the blanks that come with files and quotes; an empty one counts as not set. */
function textsOf(environment: Environment): Map<string, string> {
  const texts = Object.entries(environment).map(([name, text = '']) => [name, text.trim()] as const)
  return new Map(texts.filter(([, text]) => text !== ''))
}
