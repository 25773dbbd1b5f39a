import { performance } from 'node:perf_hooks'
import { ConfigError, type RealmConfig } from '../config/config.ts'
import type { SwitchingConfig } from '../config/sections/switching.ts'
import type { RealmContext } from '../core/context.ts'
import type { DoorsOldServer } from '../core/switching/old-server.ts'
import type { DoorsOldTokens } from '../core/switching/tokens/old-tokens.ts'
import type { Upstream } from '../core/switching/upstream.ts'
import type { UpstreamHealth } from '../core/switching/upstream-health.ts'
import type { Dialect } from '../http/dialect.ts'
import { genericUpstream } from '../upstream/generic.ts'
import { createOldServer, type OldServer, type OldServerObserver } from '../upstream/old-server.ts'
import { type OldServerTally, tallyOldServer } from './old-server-tally.ts'
import { openOldTokens } from './old-tokens.ts'

/** What is not of the configuration. */
export interface OldServerMeans {
  randomBytes: RealmContext['randomBytes']
  /** How many processes share what an old server may be asked; 1 when not given. */
  processes?: number
  /** Receives what is asked of the old server of a door. */
  observerOf?(door: { realm: string; dialect: string }): OldServerObserver | undefined
}

/** The same, with the clock. */
export interface OldServersMeans extends OldServerMeans {
  /** Epoch milliseconds. */
  now(): number
}

/** The old servers of all realms. */
export interface OldServers {
  /** Those of one realm, by the dialects of their doors. */
  of(realm: string): RealmContext['oldServers']
  /** What becomes of the tokens that they have given out, likewise. */
  tokensOf(realm: string): RealmContext['oldTokens']
  /** How those of one realm stand, whether they are asked or not. */
  healthOf(realm: string): UpstreamHealth[]
  /** Once all that has begun is over. */
  close(): Promise<void>
}

/** Makes the old servers that the configuration has. Throws `ConfigError`. */
export function openOldServers(
  realms: RealmConfig[],
  dialects: Dialect[],
  means: OldServersMeans,
): OldServers {
  const opened: { close(): unknown }[] = []
  const byRealm = new Map(
    realms.map((realm) => {
      const servers = new Map<string, DoorsOldServer>()
      const tokens = new Map<string, DoorsOldTokens>()
      const health: (() => UpstreamHealth)[] = []
      for (const dialect of dialects) {
        const { settings, switching } = realm.dialects[dialect.door.dialect] ?? {}
        if (!switching) continue
        const { verify, authority, until } = switching
        const door = { realm: realm.name, dialect: dialect.door.dialect }
        const tally = tallyOldServer(means.now, means.observerOf?.(door))
        const isAsked = verify !== 'off' || switching.tokens?.sessions === 'relay'
        const server = isAsked
          ? openOldServer(
              door,
              { dialect, settings, switching },
              { ...means, observerOf: () => tally.observer },
            )
          : undefined
        health.push(() => healthOf(door.dialect, { switching, server, tally }))
        if (server) opened.push(server)
        if (server && verify !== 'off')
          servers.set(door.dialect, { verify, authority, until, checkPassword: server.checkPassword })
        if (!switching.tokens) continue
        const old = openOldTokens(switching.tokens, switching, server)
        opened.push(old)
        tokens.set(door.dialect, old.tokens)
      }
      return [realm.name, { servers, tokens, health }] as const
    }),
  )
  return {
    of: (realm) => byRealm.get(realm)?.servers ?? new Map(),
    tokensOf: (realm) => byRealm.get(realm)?.tokens ?? new Map(),
    healthOf: (realm) => byRealm.get(realm)?.health.map((read) => read()) ?? [],
    close: async () => void (await Promise.all(opened.map((one) => one.close()))),
  }
}

function healthOf(
  dialect: string,
  {
    switching,
    server,
    tally,
  }: { switching: SwitchingConfig; server: OldServer | undefined; tally: OldServerTally },
): UpstreamHealth {
  const { upstream, verify, until } = switching
  const state = server?.state() ?? { breaker: 'closed', running: 0, waiting: 0 }
  return {
    dialect,
    origin: upstream,
    verify,
    ...(until !== undefined && { until }),
    ...state,
    ...tally.read(),
  }
}

/** The old server of one door, whether or not sign-ins ask it. The caller closes it. Throws `ConfigError`. */
export function openOldServer(
  door: { realm: string; dialect: string },
  parts: { dialect: Dialect; settings: unknown; switching: SwitchingConfig },
  { randomBytes, processes = 1, observerOf }: OldServerMeans,
): OldServer {
  const { switching } = parts
  const share = (whole: number) => Math.max(1, Math.floor(whole / processes))
  return createOldServer({
    origin: switching.upstream,
    upstream: upstreamOf(door, parts, randomBytes),
    allowPrivate: switching.allowPrivate,
    forwardAddress: switching.forwardAddress,
    timeoutMs: switching.timeoutSeconds * 1_000,
    concurrency: share(switching.concurrency),
    perMinute: share(switching.perMinute),
    now: () => performance.now(),
    observer: observerOf?.(door),
  })
}

function upstreamOf(
  { realm, dialect: name }: { realm: string; dialect: string },
  { dialect, settings, switching }: { dialect: Dialect; settings: unknown; switching: SwitchingConfig },
  randomBytes: RealmContext['randomBytes'],
): Upstream {
  const { generic, options } = switching
  if (generic) return genericUpstream(generic)
  if (dialect.upstream) return dialect.upstream(settings, { options, randomBytes })
  const place = `realms.${realm}.dialects.${name}.switching`
  throw new ConfigError([`${place}.generic is missing: ${name} does not say how an old server is asked`])
}
