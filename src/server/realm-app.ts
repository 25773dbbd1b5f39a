import pkg from '../../package.json' with { type: 'json' }
import type { RealmConfig } from '../config/config.ts'
import { applyDoorSettings } from '../config/setting-types.ts'
import { defaultClient, realmBrand } from '../core/clients/clients.ts'
import type { RealmContext } from '../core/context.ts'
import { type AppOptions, createApp } from '../http/app.ts'
import { type AppOnDemand, appOnDemand } from '../http/app-on-demand.ts'
import { allowEveryone } from '../http/cors.ts'
import type { Dialect, DoorPages, MountedDialect } from '../http/dialect.ts'
import { mountMetrics } from '../http/metrics.ts'
import type { OpenapiDocument } from '../http/openapi/document.ts'
import type { ServedRoute } from '../http/served-routes.ts'
import type { App } from '../http/types.ts'
import type { Metrics } from '../observability/metrics.ts'
import { openOpenid } from '../openid/openid.ts'
import { createMailedSignIn } from '../pages/by-mail/mailed-sign-in.ts'
import { type CaughtMessages, developmentPages } from '../pages/development/development.ts'
import { createFailureSender } from '../pages/failure.ts'
import { protocolPages } from '../pages/openid/protocol-pages.ts'
import { hostedPages } from '../pages/pages.ts'
import type { PageTemplates } from '../pages/render.ts'

/** A door of a realm: the name of its dialect, and the beginnings of its paths. */
export interface MountedPrefixes {
  name: string
  prefixes: string[]
}

/** What serves one realm. */
export interface RealmApp {
  name: string
  hosts: string[]
  app: AppOnDemand
  doors: MountedPrefixes[]
  mounted: MountedDialect[]
  /** Everything that it serves, once its app is open. */
  routes(): ServedRoute[]
}

export interface RealmAppParts {
  templates: PageTemplates
  /** Those of which the realm may have doors. */
  dialects: Dialect[]
  /** The messages that development has kept; in production there are none to be shown. */
  mailbox?: CaughtMessages
  /** Whether there is a gateway for text messages; in development the mailbox stands for it. */
  hasSmsGateway: boolean
  /** Prefixes of the numbers that messages may be sent to. */
  smsPrefixes: string[]
  /** Whether the console is served beside the realm. */
  hasConsole: boolean
  /** What development shows of itself at `/metrics`. */
  metrics?: Metrics
  /** The clock of the machine; epoch milliseconds. */
  machineNow(): number
  /** What is the same for every realm. */
  options: Omit<AppOptions, 'realm' | 'isHttps' | 'dialects' | 'pages' | 'mount'>
}

/** Everything that one realm serves, when it is asked for: its dialects, its pages and its keys. */
export function realmApp(
  realm: RealmConfig,
  ctx: RealmContext,
  {
    templates,
    dialects,
    mailbox,
    hasSmsGateway,
    smsPrefixes,
    hasConsole,
    metrics,
    machineNow,
    options,
  }: RealmAppParts,
): RealmApp {
  const sendPage = templates.sendPageOf(() => realmBrand(ctx))
  const pages: DoorPages = {
    sendFailure: createFailureSender(ctx.log, sendPage),
    sendMailedSignIn: createMailedSignIn(sendPage),
  }
  const sendsTexts = hasSmsGateway || mailbox !== undefined
  const mounted = dialects.flatMap((dialect) => mount(dialect, realm, { ctx, pages, sendsTexts }) ?? [])
  const doors = mounted.map(({ dialect }) => ({ name: dialect.door.dialect, prefixes: dialect.prefixes }))
  let routes = (): ServedRoute[] => []
  const openid =
    ctx.realm.openid &&
    openOpenid(ctx, {
      settings: ctx.realm.openid,
      pages: protocolPages(
        templates.renderPageOf(() => realmBrand(ctx)),
        ctx,
      ),
      machineNow,
    })
  const app = appOnDemand(async () => {
    const created = await createApp({
      ...options,
      realm: ctx,
      requests: { ...options.requests, realm: realm.name },
      isHttps: realm.publicUrl.startsWith('https:'),
      dialects: mounted,
      pages,
      mount: async (app) => {
        await hostedPages(app, ctx, {
          ...pages,
          mounted,
          sendPage,
          assets: templates.assets,
          smsPrefixes,
          ...(openid && { openid: openid.interactions }),
        })
        mountKeys(app, ctx)
        await openid?.mount(app)
        if (metrics) mountMetrics(app, metrics)
        if (!mailbox) return
        const documentOf = (name: string) => documentAt(mounted, name)
        await developmentPages(app, { ...ctx, doors, documentOf, mailbox, sendPage, hasConsole })
      },
    })
    routes = created.routes
    return created.app
  })
  return { name: realm.name, hosts: realm.hosts, app, doors, mounted, routes: () => routes() }
}

/** A dialect as the realm wants it; `undefined` when the realm has no such door. */
function mount(
  dialect: Dialect,
  realm: RealmConfig,
  { ctx, pages, sendsTexts }: { ctx: RealmContext; pages: DoorPages; sendsTexts: boolean },
): MountedDialect | undefined {
  const config = realm.dialects[dialect.door.dialect]
  if (!config) return undefined
  const { settings } = config
  const door = applyDoorSettings(dialect.doorFor?.(settings) ?? dialect.door, settings)
  if (door.textedSignIn && !sendsTexts)
    ctx.log.warn({ realm: realm.name, dialect: door.dialect }, 'nobody signs in by phone: SMS_URL is not set')
  return {
    dialect,
    settings,
    pages,
    ctx: {
      ...ctx,
      realm: ctx.atDoors.get(door.dialect) ?? ctx.realm,
      door: { ...door, textedSignIn: door.textedSignIn === true && sendsTexts },
      client: defaultClient(ctx, door.dialect),
    },
  }
}

/** The document of an open door. What makes it is loaded when somebody asks. */
async function documentAt(mounted: MountedDialect[], name: string): Promise<OpenapiDocument> {
  const door = mounted.find(({ dialect }) => dialect.door.dialect === name)
  if (!door) throw new Error(`there is no door ${name}`)
  const { dialect, settings, ctx } = door
  const { describeDoor } = await import('../http/openapi/describe-door.ts')
  return describeDoor({
    dialect,
    settings,
    lengths: ctx.realm.password,
    url: ctx.publicUrl,
    version: pkg.version,
  })
}

function mountKeys(app: App, ctx: RealmContext): void {
  const url = '/.well-known/jwks.json'
  allowEveryone(app, url)
  app.get(url, async (_request, reply) => {
    reply.headers({ 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' })
    return ctx.keys.jwks
  })
}
