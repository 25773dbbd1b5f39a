import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { operatorsRealm } from '../core/operators/realm-name.ts'
import { manifests } from '../dialects/manifests.ts'
import { openidManifest } from '../openid/manifest/manifest.ts'
import type { DialectManifest } from './dialect-manifest.ts'
import { adminOfVariables, adminSection } from './sections/admin.ts'
import { databaseUrl } from './sections/database.ts'
import { hashingSection } from './sections/hashing.ts'
import { keysSection, masterKey, masterKeys } from './sections/keys.ts'
import { limitsSection } from './sections/limits.ts'
import { metricsOfVariables, metricsSection } from './sections/metrics.ts'
import { realmSection } from './sections/realm.ts'
import { retentionSection } from './sections/retention.ts'
import { smsSection } from './sections/sms.ts'
import { smtpSection } from './sections/smtp.ts'
import { tracesOfVariables } from './sections/traces.ts'
import {
  addressOrRange,
  duration,
  secretSetting,
  section,
  text,
  wholeNumber,
  yesOrNo,
} from './setting-types.ts'
import { publicUrl } from './web-addresses.ts'

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
type LogLevel = (typeof logLevels)[number]
const inCapitals = logLevels.map((level) => level.toUpperCase() as Uppercase<LogLevel>)
/** The lowest level that is logged; in capitals, too, as other servers have it. */
const logLevel = z
  .enum([...logLevels, ...inCapitals], `must be one of ${logLevels.join(', ')}`)
  .transform((level) => level.toLowerCase())

/** Read as a path from the root. */
const templateFolder = z
  .string('must be a folder with pages/ or messages/ in it')
  .transform((path) => resolve(path))
  .refine(holdsTemplates, 'must be a folder with pages/ or messages/ in it')

function holdsTemplates(folder: string): boolean {
  const isFolder = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory()
  return ['pages', 'messages'].some(isFolder)
}

const namePattern = /^[a-z][a-z\d-]{0,31}$/

function realmSections(dialects: DialectManifest[]) {
  const realmName = z
    .string()
    .regex(namePattern, 'is no name for a realm: it is up to 32 small letters, digits and hyphens')
    .refine((name) => name !== operatorsRealm, 'is the name of the realm of the operators')
  return z
    .record(realmName, realmSection(dialects), section)
    .nullish()
    .describe('Populations of accounts, by their names; one that is called main when there is none')
}

/** Sessions of browsers are kept under it: a door of that name would take their cookies for its tokens. */
const accountDoor = 'account'
const openidDoor = openidManifest.door.dialect

const ownNames = manifests.map(({ door }) => door.dialect)
const dialectModules = z
  .record(
    z
      .string()
      .regex(namePattern, 'is no name for a dialect: it is up to 32 small letters, digits and hyphens')
      .refine((name) => !ownNames.includes(name), 'is the name of a dialect that ships')
      .refine((name) => name !== accountDoor, 'is the name of the door of the account page')
      .refine((name) => name !== openidDoor, 'is the name of the door of OpenID Connect'),
    z.strictObject(
      { module: text.describe('The file whose default export is the dialect, seen from this file') },
      section,
    ),
    section,
  )
  .nullish()
  .describe('Dialects of your own, by their names')

/** What `manydoors.yaml` may say. */
export const FileSchema = z
  .strictObject(
    {
      publicUrl: publicUrl
        .optional()
        .describe('Where people reach this server: issuer of tokens, base of links (http://localhost:PORT)'),
      host: text.optional().describe('The address to listen on (127.0.0.1)'),
      port: wholeNumber({ min: 0, max: 65535 }).optional().describe('The port to listen on (5000)'),
      keepAlive: duration({ min: '1s', max: '1h' })
        .optional()
        .describe(
          'How long a connection that nobody uses is kept open; longer than the proxy before it keeps one (75s)',
        ),
      data: text.optional().describe('Folder of the embedded database and of development (data)'),
      ...secretSetting('database', databaseUrl, 'sqlite:PATH or postgres://… (SQLite in the data folder)'),
      ...secretSetting('secret', masterKey, 'The master key: 32 bytes in base64'),
      ...secretSetting('nextSecrets', masterKeys, 'Master keys to come, while the key is being changed'),
      ...secretSetting(
        'previousSecrets',
        masterKeys,
        'Master keys that were replaced, while the key is being changed',
      ),
      logLevel: logLevel.optional().describe('What is logged (info in production, else warn)'),
      logRequests: yesOrNo()
        .optional()
        .describe('Whether every request is logged, in a line of its own (false)'),
      metrics: metricsSection,
      admin: adminSection,
      templates: templateFolder.optional().describe('A folder with your own pages and messages'),
      trustedProxies: z
        .array(addressOrRange, 'must be a list of addresses and ranges')
        .optional()
        .describe('Reverse proxies whose X-Forwarded-For is believed'),
      keys: keysSection,
      hashing: hashingSection,
      retention: retentionSection,
      smtp: smtpSection,
      sms: smsSection,
      limits: limitsSection,
      dialects: dialectModules,
      realms: realmSections(manifests),
    },
    section,
  )
  .describe('Manydoors')

/** What it may say when it names these dialects by their modules. */
export function fileSchemaWith(loaded: DialectManifest[]): typeof FileSchema {
  if (loaded.length === 0) return FileSchema
  return FileSchema.extend({ realms: realmSections([...manifests, ...loaded]) })
}

/** What variables of the environment may say, at their places: what the file may, and some things of which the file knows nothing. */
export const EnvironmentSchema = FileSchema.extend({
  mode: z
    .enum(['production', 'development', 'test'], 'must be production or development')
    .optional()
    .describe('For people who rely on it, or for trying out (development)'),
  file: z.string().optional(),
  metrics: metricsOfVariables.nullish(),
  admin: adminOfVariables.nullish(),
  traces: tracesOfVariables.optional(),
  /** By the names of the dialects. */
  dialectSecrets: z
    .strictObject(
      Object.fromEntries(manifests.map(({ door, settings }) => [door.dialect, settings.optional()])),
    )
    .optional(),
})

/** What the file and the environment say, each by itself or one over the other. */
export type Settings = z.output<typeof EnvironmentSchema>

/** Every setting that there is with these dialects beside those that ship, whoever gives it. */
export function everySetting(loaded: DialectManifest[]): z.ZodObject {
  const { file: _file, dialectSecrets: _dialectSecrets, ...shape } = EnvironmentSchema.shape
  const { realms, metrics } = fileSchemaWith(loaded).shape
  return z.strictObject({ ...shape, realms, metrics })
}
