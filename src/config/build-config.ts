import { join, resolve } from 'node:path'
import { defaultRetention } from '../core/audit/retention.ts'
import { defaultHashing } from '../core/passwords/hashing.ts'
import { manifests } from '../dialects/manifests.ts'
import type { Dialect } from '../http/dialect.ts'
import { buildAdmin } from './build-admin.ts'
import { buildRealm, type RealmDefaults } from './build-realm.ts'
import type { Config, RealmConfig } from './config.ts'
import type { Settings } from './schema.ts'
import { readLimits } from './sections/limits.ts'
import { readMetrics } from './sections/metrics.ts'
import { readSms } from './sections/sms.ts'
import { readTraces } from './sections/traces.ts'

const day = 24 * 60 * 60

/** The configuration that these settings make, with the defaults of what they do not say. */
export function buildConfig(
  settings: Settings,
  loadedDialects: Dialect[],
): Omit<Config, 'file' | 'secretFiles'> {
  const { databaseFile: urlFile, smtp, port = 5000 } = settings
  const isProduction = settings.mode === 'production'
  const dataFolder = resolve(settings.data ?? 'data')
  const realms = buildRealms(settings.realms, {
    publicUrl: settings.publicUrl ?? `http://localhost:${port}`,
    isDevelopment: !isProduction,
    dialects: [...manifests, ...loadedDialects],
    dialectSecrets: settings.dialectSecrets ?? {},
  })
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
    retention: { ...defaultRetention, ...settings.retention },
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

function buildRealms(sections: Settings['realms'], { publicUrl, ...defaults }: RealmDefaults): RealmConfig[] {
  const named = Object.entries(sections ?? {})
  const all = named.length > 0 ? named : [['main', undefined] as const]
  return all.map(([name, section]) => {
    const [host] = all.length > 1 ? (section?.hosts ?? []) : []
    return buildRealm(name, section, { ...defaults, publicUrl: host ? atHost(publicUrl, host) : publicUrl })
  })
}

/** Where people reach a realm that does not say so, which only development allows. */
function atHost(publicUrl: string, host: string): string {
  const { protocol, port } = new URL(publicUrl)
  return `${protocol}//${host}${port && `:${port}`}`
}
