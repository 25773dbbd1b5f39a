import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { v7 as uuidv7 } from 'uuid'
import { type Config, ConfigError, type RealmConfig } from '../config/config.ts'
import { readClients, type syncDeclaredClients } from '../core/clients/clients.ts'
import type { Limiter, RealmContext } from '../core/context.ts'
import { openKeyRing, readKeyRing, rememberedTokens } from '../core/keys/key-ring.ts'
import { UnsealError } from '../core/keys/master-key.ts'
import { openSecrets } from '../core/keys/retained-keys.ts'
import type { Secrets } from '../core/keys/secrets.ts'
import { createBlocks } from '../core/limits/blocked.ts'
import { createRefusals } from '../core/limits/refusals.ts'
import type { Log } from '../core/log.ts'
import { createDecoys } from '../core/passwords/decoys.ts'
import { createHashSecrets, keepHashSecret } from '../core/passwords/hash-secrets.ts'
import { waitingFor } from '../core/passwords/hashing.ts'
import type { Decoys } from '../core/passwords/imported-hashes.ts'
import { createInDoubtRefreshes } from '../core/sessions/in-doubt-refreshes.ts'
import { type Remember, tokenMemory } from '../core/sessions/jwt.ts'
import type { LiveRealm } from '../core/settings/live-realm.ts'
import { wantedByRealm } from '../core/webhooks/wanted.ts'
import { createIntake } from '../hashes/intake.ts'
import { hashKeys } from '../limits/keys.ts'
import { createLimiter } from '../limits/limiter.ts'
import type { LimitSettings } from '../limits/settings.ts'
import { createTableCounts } from '../limits/table.ts'
import { noObservers, type Observers } from '../observability/observers.ts'
import { openDatabase } from '../store/database.ts'
import { limitTable } from '../store/postgres/limit-table.ts'
import { createDatabaseFile } from '../store/sqlite/create-file.ts'
import { openLimitFile } from '../store/sqlite/limit-file.ts'
import { realmStore } from '../store/store.ts'
import { retainedKeys } from '../store/tables/retained-keys.ts'
import { listWantedTypes } from '../store/tables/webhooks/webhooks.ts'
import type { Database, DatabaseLog } from '../store/types.ts'
import { createPasswordJudge } from '../strength/judge.ts'
import { type Argon2, createHasher, type HashingState, type PreparedHasher } from './hasher.ts'
import { loadMasterKeys } from './master-key-file.ts'
import { openSettings, type SetSettings } from './settings.ts'

export interface CoreParts {
  /** Epoch milliseconds. */
  now(): number
  log: Log
  /** Tells the job worker of this process, if it has one, that there is work. */
  wakeWorker(): void
  /** Brings the declared clients of a realm together with those that are registered; only a server writes them. */
  openClients?: typeof syncDeclaredClients
  /** Who receives what is done. */
  observers?: Observers
  /** The default makes what is missing. */
  opening?: Opening
  /** How many passwords may be hashed at a time; default: the cores of this machine. */
  cores?: number
  argon2?: Argon2
  /** Receives what an operator should know of the database; a server gives one. */
  databaseLog?: DatabaseLog
  /** Ends a start that waits for another process to be done with the tables. */
  stopping?: AbortSignal
  /** The old servers of a realm; none when not given. */
  oldServersOf?(realm: string): RealmContext['oldServers']
  /** What becomes of their tokens, likewise. */
  oldTokensOf?(realm: string): RealmContext['oldTokens']
  /** The providers that people of a realm may sign in with, likewise. */
  identityProvidersOf?(realm: string): RealmContext['identityProviders']
  /** Who is asked before somebody signs up or in, likewise. */
  hooksOf?(realm: string): RealmContext['hooks']
  /** Where limits are counted; default: beside the database. */
  counts?: Limiter
}

/** How a server opens the parts of a core: it makes what is missing. */
export const defaultOpening = {
  database: openDatabase,
  retainedKeys,
  keys: openKeyRing,
  limits: openLimits,
  hasher: (hasher: PreparedHasher) => hasher.prepare(),
  decoys: (decoys: Decoys) => decoys.refresh(),
}

/** How the parts of a core are opened: making what is missing, or leaving things as they are. */
export type Opening = typeof defaultOpening

/** Everything but the doors: what the server and the commands work on. */
export interface Core {
  db: Database
  /** By their names. */
  realms: Map<string, RealmContext>
  settings: SetSettings
  hashing(): HashingState
  /** The realm of those who run this server. */
  operators: RealmContext
  close(): Promise<void>
}

/** Opens the database, migrates it, and sets its realms up. Throws `ConfigError` and `DatabaseUnavailable`. */
export async function openCore(config: Config, parts: CoreParts): Promise<Core> {
  const masterKeys = await loadMasterKeys(config, randomBytes)
  await createDatabaseFile(config.database)
  const { log, databaseLog, stopping, opening = defaultOpening } = parts
  const db = await opening.database(config.database, parts.now(), {
    observer: parts.observers?.database,
    log: databaseLog,
    onWait: () => log.warn({}, 'another process changes the tables: the start waits until it is done'),
    stopping,
  })
  const closing = new AsyncDisposableStack()
  closing.defer(() => db.destroy())

  try {
    const secrets = await openSecrets(opening.retainedKeys(db), masterKeys, {
      now: parts.now,
      randomBytes,
    }).catch(blameMasterKey)
    const limits = opening.limits(config, db, secrets)
    const inDoubtRefreshes = createInDoubtRefreshes()
    const judge = createPasswordJudge()
    const settings = await openSettings(config, db, log)
    const realms = new Map<string, RealmContext>()
    let operators: RealmContext | undefined
    closing.defer(async () => {
      for (const { refusals } of realms.values()) await refusals.stop()
      await operators?.refusals.stop()
    })
    for (const close of [judge.close, inDoubtRefreshes.stop, limits.close]) closing.defer(close)
    const cores = parts.cores ?? availableParallelism()
    const hasher = createHasher({
      cost: config.hashing,
      concurrency: cores,
      queueLength: cores * waitingFor(config.hashing),
      observer: parts.observers?.hashing,
      argon2: parts.argon2,
    })
    closing.defer(hasher.close)
    await opening.hasher(hasher)
    const shared: RealmParts = {
      ...parts,
      secrets,
      inDoubtRefreshes,
      remember: tokenMemory(rememberedTokens),
      judge,
      hasher,
      counts: parts.counts ?? limits.counts,
      wantedEvents: wantedByRealm(await listWantedTypes(db)),
      limits: config.limits,
      settings,
    }
    for (const realm of config.realms) realms.set(realm.name, await openRealm(realm, db, shared))
    operators = await openOperators(config.operators, db, shared)
    return { db, realms, operators, settings, hashing: hasher.state, close: () => closing.disposeAsync() }
  } catch (error) {
    await closing.disposeAsync()
    throw error
  }
}

/** What the realms of a process share. */
interface RealmParts
  extends CoreParts,
    Pick<RealmContext, 'secrets' | 'hasher' | 'judge' | 'inDoubtRefreshes'> {
  counts: Limiter
  limits: LimitSettings
  settings: SetSettings
  /** By the names of realms. */
  wantedEvents: ReturnType<typeof wantedByRealm>
  remember: Remember
}

async function openRealm(config: RealmConfig, db: Database, parts: RealmParts): Promise<RealmContext> {
  const { name, publicUrl, clients } = config
  const { now, log, wakeWorker, secrets, hasher, judge, inDoubtRefreshes, counts, limits } = parts
  const { observers = noObservers, openClients = readClients, opening = defaultOpening } = parts
  const limiter = createLimiter({ counts, realm: name, settings: limits, onRefusal: observers.limitRefused })
  const store = realmStore(db, name)
  const live = liveRealm(config)
  const settings = { realm: parts.settings.ofRealm(live), server: parts.settings.ofServer }
  parts.settings.restore(settings.realm)
  const base = { ...live, settings, now, log, wakeWorker, secrets, limiter, hasher, store, randomBytes }
  const decoys = createDecoys(base)
  await opening.decoys(decoys)
  return {
    ...base,
    observe: observers.core,
    judge,
    decoys,
    hashSecrets: createHashSecrets(base),
    hashIntake: intakeOf(base),
    oldServers: parts.oldServersOf?.(name) ?? new Map(),
    oldTokens: parts.oldTokensOf?.(name) ?? new Map(),
    identityProviders: parts.identityProvidersOf?.(name) ?? new Map(),
    hooks: parts.hooksOf?.(name) ?? {},
    inDoubtRefreshes,
    refusals: createRefusals(log),
    blocks: createBlocks(),
    afterCommit: (work) => work(),
    newId: () => uuidv7({ msecs: now() }),
    publicUrl,
    keys: await opening.keys(base, parts.remember).catch(blameMasterKey),
    ...(await openClients(base, clients)),
    wantedEvents: { patterns: parts.wantedEvents.get(name) ?? new Set() },
  }
}

/** Takes hashes of other systems one by one, as an import does many. */
function intakeOf(ctx: Parameters<typeof keepHashSecret>[0] & Pick<RealmContext, 'hasher'>) {
  const { hasher } = ctx
  return createIntake({
    wrap: 'fast',
    isOwn: (stored) => !hasher.isOutdated(stored),
    hash: (digest) => hasher.hash(digest, undefined),
    keepSecret: (secret) => keepHashSecret(ctx, secret),
  })
}

/** What holds for a realm, and for each of its doors, in the objects that everybody is to hold. */
function liveRealm(config: RealmConfig): LiveRealm {
  const { name, password, strictPasswords, unprovenRecovery, accountPage, signUpPage } = config
  const { passkeys, openid, webhooks, brand, dialects } = config
  const realm: RealmContext['realm'] = {
    name,
    password,
    strictPasswords,
    unprovenRecovery,
    accountPage,
    signUpPage,
    webhooks,
    ...(passkeys && { passkeys }),
    ...(openid && { openid }),
    ...(brand && { brand }),
  }
  const doors = Object.entries(dialects).map(([dialect, { password }]) => [dialect, { ...realm, password }])
  return { realm, atDoors: new Map(doors as [string, typeof realm][]), declaredBrands: new Map() }
}

/** Nobody there is given a token that is signed, and nobody has a password. */
function openOperators(realm: RealmConfig, db: Database, parts: RealmParts): Promise<RealmContext> {
  const opening = { ...defaultOpening, ...parts.opening, keys: readKeyRing, decoys: async () => {} }
  return openRealm(realm, db, { ...parts, opening, openClients: readClients })
}

/** Every realm, that of the operators among them. */
export function everyRealm({ realms, operators }: Pick<Core, 'realms' | 'operators'>): RealmContext[] {
  return [...realms.values(), operators]
}

function blameMasterKey(error: unknown): never {
  if (!(error instanceof UnsealError)) throw error
  const key = 'the master key (MANYDOORS_SECRET, or else master.key in the data folder)'
  throw new ConfigError([`${key} is not the one that this database was set up with`])
}

/** On PostgreSQL every process counts in the same table, on SQLite in a file beside the database. */
function openLimits(config: Config, db: Database, secrets: Secrets): { counts: Limiter; close(): void } {
  const hashKey = hashKeys((key) => secrets.steadyMac('limit-key', key))
  if (config.database.engine === 'postgres') return createTableCounts(limitTable(db), hashKey)
  const file = openLimitFile(config.database.path)
  const { counts, close } = createTableCounts(file, hashKey)
  return {
    counts,
    close: () => {
      close()
      file.close()
    },
  }
}
