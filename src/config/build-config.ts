import { join, resolve } from 'node:path'
import { defaultRetention, type Retention } from '../core/audit/retention.ts'
import { defaultHashing } from '../core/passwords/hashing.ts'
import { manifests } from '../dialects/manifests.ts'
import type { Dialect } from '../http/dialect.ts'
import { buildAdmin } from './build-admin.ts'
import { buildRealm, type RealmDefaults } from './build-realm.ts'
import type { Config, RealmConfig } from './config.ts'
import type { Settings } from './schema.ts'
import { readLimits } from './sections/limits.ts'
import { readMetrics } from './sections/metrics.ts'
import type { RealmSection } from './sections/realm.ts'
import { readSms } from './sections/sms.ts'
import { readTraces } from './sections/traces.ts'
import { withValue } from './sources/tree.ts'

const day = 24 * 60 * 60
const defaultPort = 5000

/** The configuration that these settings make, with the defaults of what they do not say. */
export function buildConfig(
  settings: Settings,
  loadedDialects: Dialect[],
): Omit<Config, 'file' | 'secretFiles' | 'given'> {
  const { databaseFile: urlFile, smtp, port = defaultPort } = settings
  const isProduction = settings.mode === 'production'
  const dataFolder = resolve(settings.data ?? 'data')
  const realms = buildRealms(settings, loadedDialects)
  const ownUrl = (realms.find(({ hosts }) => hosts.length === 0) ?? realms[0])?.publicUrl ?? ''
  const database = settings.database ?? { engine: 'sqlite', path: join(dataFolder, 'manydoors.db') }

  return {
    mode: isProduction ? 'production' : 'development',
    host: settings.host ?? '127.0.0.1',
    port,
    keepAliveSeconds: settings.keepAlive ?? 75,
    publicUrl: ownUrl,
    dataFolder,
    database: database.engine === 'sqlite' || urlFile === undefined ? database : { ...database, urlFile },
    masterKey: settings.secret,
    otherMasterKeys: { next: settings.nextSecrets ?? [], previous: settings.previousSecrets ?? [] },
    keys: { rotateEverySeconds: settings.keys?.rotateEvery ?? 90 * day },
    hashing: { ...defaultHashing, ...settings.hashing },
    retention: buildRetention(settings),
    smtp: smtp?.url ? { from: 'Manydoors <no-reply@localhost>', ...smtp, url: smtp.url } : undefined,
    ...readSms(settings.sms, isProduction),
    templateFolder: settings.templates,
    logLevel: settings.logLevel ?? (isProduction ? 'info' : 'warn'),
    logRequests: settings.logRequests ?? false,
    ...buildAdmin(settings.admin, { isProduction, ownUrl }),
    metrics: readMetrics(settings.metrics, isProduction),
    traces: readTraces(settings.traces ?? {}),
    trustedProxies: settings.trustedProxies ?? [],
    limits: readLimits(settings.limits),
    loadedDialects,
    realms,
  }
}

/** How long things are kept, as the settings want it. */
export function buildRetention({ retention }: Pick<Settings, 'retention'>): Retention {
  return { ...defaultRetention, ...retention }
}

/** A realm as it would be with these settings of it, by their places within it and as the schema reads them. */
export function rebuildRealm(
  { given: { settings }, loadedDialects }: Pick<Config, 'given' | 'loadedDialects'>,
  name: string,
  values: ReadonlyMap<string, unknown>,
): RealmConfig {
  const all = sectionsOf(settings)
  const { [name]: section } = Object.fromEntries(all)
  const changed = [...values].reduce<unknown>(
    (tree, [place, value]) => withValue(tree, place, value),
    section,
  )
  return buildOne([name, changed as RealmSection], all.length, defaultsOf(settings, loadedDialects))
}

function buildRealms(settings: Settings, loadedDialects: Dialect[]): RealmConfig[] {
  const all = sectionsOf(settings)
  const defaults = defaultsOf(settings, loadedDialects)
  return all.map((named) => buildOne(named, all.length, defaults))
}

function sectionsOf({ realms }: Settings): [name: string, section: RealmSection][] {
  const named = Object.entries(realms ?? {})
  return named.length > 0 ? named : [['main', undefined]]
}

function defaultsOf(settings: Settings, loadedDialects: Dialect[]): RealmDefaults {
  return {
    publicUrl: settings.publicUrl ?? `http://localhost:${settings.port ?? defaultPort}`,
    isDevelopment: settings.mode !== 'production',
    dialects: [...manifests, ...loadedDialects],
    dialectSecrets: settings.dialectSecrets ?? {},
  }
}

function buildOne(
  [name, section]: [name: string, section: RealmSection],
  count: number,
  { publicUrl, ...defaults }: RealmDefaults,
): RealmConfig {
  const [host] = count > 1 ? (section?.hosts ?? []) : []
  return buildRealm(name, section, { ...defaults, publicUrl: host ? atHost(publicUrl, host) : publicUrl })
}

/** Where people reach a realm that does not say so, which only development allows. */
function atHost(publicUrl: string, host: string): string {
  const { protocol, port } = new URL(publicUrl)
  return `${protocol}//${host}${port && `:${port}`}`
}
