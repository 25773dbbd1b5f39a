import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import { defaultHashing } from '../core/hashing.ts'
import { defaultRetention } from '../core/pruning.ts'
import type { LimitSettings } from '../limits/settings.ts'
import { readMetrics } from '../observation/metrics-config.ts'
import { readTraces } from '../observation/traces-config.ts'
import type { DatabaseLocation } from '../store/database.ts'
import type { EnvironmentReading } from './environment.ts'
import type { FileReading } from './file.ts'
import type { FileSettings } from './file-schema.ts'
import { type RealmConfig, type RealmDefaults, readRealm } from './realms.ts'

const day = 24 * 60 * 60

/** Both together, with what holds when neither says anything. What the environment says comes first. */
export function mergeSettings(
  { given, settings: env, dialects, files }: EnvironmentReading,
  { settings: file, files: filesOfFile }: Pick<FileReading, 'settings' | 'files'>,
): Omit<Config, 'file' | 'secretFiles'> {
  const isProduction = given.NODE_ENV === 'production'
  const dataFolder = resolve(env.MANYDOORS_DATA ?? file.data ?? 'data')
  const port = env.PORT ?? file.port ?? 5000
  const smtpUrl = env.SMTP_URL ?? file.smtp?.url
  const smtpFile = env.SMTP_URL === undefined ? filesOfFile['smtp.url'] : files.SMTP_URL
  const smtpName = env.SMTP_NAME ?? file.smtp?.name
  const replyTo = env.MAIL_REPLY_TO ?? file.smtp?.replyTo
  const smsUrl = env.SMS_URL ?? file.sms?.url
  const base = env.MANYDOORS_PUBLIC_URL ?? file.publicUrl ?? `http://localhost:${port}`
  const realms = readRealms(file.realms, {
    publicUrl: base,
    isDevelopment: !isProduction,
    dialects,
  })

  return {
    mode: isProduction ? 'production' : 'development',
    host: env.HOST ?? file.host ?? '127.0.0.1',
    port,
    keepAlive: env.MANYDOORS_KEEP_ALIVE ?? file.keepAlive ?? 75,
    publicUrl: (realms.find(({ hosts }) => hosts.length === 0) ?? realms[0])?.publicUrl ?? '',
    dataFolder,
    database: withUrlFile(
      env.DATABASE_URL ?? file.database ?? { engine: 'sqlite', path: join(dataFolder, 'manydoors.db') },
      env.DATABASE_URL === undefined ? filesOfFile.database : files.DATABASE_URL,
    ),
    masterKey: env.MANYDOORS_SECRET ?? file.secret,
    otherMasterKeys: {
      next: env.MANYDOORS_SECRET_NEXT ?? file.nextSecrets ?? [],
      previous: env.MANYDOORS_SECRET_PREVIOUS ?? file.previousSecrets ?? [],
    },
    keys: { rotateEvery: file.keys?.rotateEvery ?? 90 * day },
    hashing: { ...defaultHashing, ...file.hashing },
    retention: { ...defaultRetention, ...file.retention },
    smtp: smtpUrl
      ? {
          url: smtpUrl,
          from: env.MAIL_FROM ?? file.smtp?.from ?? 'Manydoors <no-reply@localhost>',
          ...(smtpFile !== undefined && { urlFile: smtpFile }),
          ...(smtpName !== undefined && { name: smtpName }),
          ...(replyTo !== undefined && { replyTo }),
        }
      : undefined,
    sms: smsUrl
      ? {
          url: smsUrl,
          from: env.SMS_FROM ?? file.sms?.from,
          body: env.SMS_BODY ?? file.sms?.body,
          authorization: env.SMS_AUTHORIZATION ?? file.sms?.authorization,
        }
      : undefined,
    smsPrefixes: env.SMS_ALLOWED_PREFIXES ?? file.sms?.allowedPrefixes ?? (isProduction ? [] : ['+']),
    templateFolder: env.MANYDOORS_TEMPLATES ?? file.templates,
    logLevel: env.LOG_LEVEL ?? file.logLevel ?? (isProduction ? 'info' : 'warn'),
    logRequests: env.MANYDOORS_LOG_REQUESTS ?? file.logRequests ?? false,
    metrics: readMetrics(
      { host: env.MANYDOORS_METRICS_HOST, port: env.MANYDOORS_METRICS_PORT },
      file.metrics,
      isProduction,
    ),
    traces: readTraces(env),
    trustedProxies: env.MANYDOORS_TRUSTED_PROXIES ?? file.trustedProxies ?? [],
    limits: readLimits(file.limits),
    realms,
  }
}

/** The address as it is, and the file that it came from, where a changed one will be. */
function withUrlFile(database: DatabaseLocation, urlFile: string | undefined): DatabaseLocation {
  return database.engine === 'sqlite' || urlFile === undefined ? database : { ...database, urlFile }
}

function readRealms(
  sections: FileSettings['realms'],
  { publicUrl, ...defaults }: RealmDefaults,
): RealmConfig[] {
  const named = Object.entries(sections ?? {})
  const all = named.length > 0 ? named : [['main', undefined] as const]
  return all.map(([name, section]) => {
    const [host] = all.length > 1 ? (section?.hosts ?? []) : []
    return readRealm(name, section, { ...defaults, publicUrl: host ? atHost(publicUrl, host) : publicUrl })
  })
}

/** Where people reach a realm that does not say so, which only development allows. */
function atHost(publicUrl: string, host: string): string {
  const { protocol, port } = new URL(publicUrl)
  return `${protocol}//${host}${port && `:${port}`}`
}

function readLimits(sections: FileSettings['limits']): LimitSettings {
  const given = Object.entries(sections ?? {}).flatMap(([name, limit]) =>
    limit === undefined
      ? []
      : [[name, limit === 'off' ? limit : { points: limit.points, seconds: limit.per }]],
  )
  return Object.fromEntries(given)
}
